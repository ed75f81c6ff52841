import { createAliases } from "./aliases.ts";
import type { RegistryDeps } from "./deps.ts";
import type { Registry } from "./door.ts";
import { createGate } from "./gate.ts";
import { createModels } from "./models.ts";
import { createOrigins } from "./origins.ts";
import { createVersions } from "./versions.ts";
import { createWebhookNews } from "./webhook-news.ts";
import { createWebhookSending } from "./webhook-sending.ts";
import { createWebhooks } from "./webhooks.ts";

/** Registered models, their versions and aliases. */
export function createRegistry(deps: RegistryDeps): Registry {
  const gate = createGate(deps);
  const news = createWebhookNews(deps);
  const { withdraw, ...aliases } = createAliases(deps, gate, news);
  const origins = createOrigins(deps, gate);
  return {
    ...createModels(deps, gate, news),
    ...aliases,
    versions: createVersions(deps, gate, { aliases: { withdraw }, origins, news }),
    webhooks: createWebhooks(deps, createWebhookSending(deps)),
  };
}
