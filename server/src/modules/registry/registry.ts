import { createAliases } from "./aliases.ts";
import type { RegistryDeps } from "./deps.ts";
import type { Registry } from "./door.ts";
import { createGate } from "./gate.ts";
import { createModels } from "./models.ts";
import { createOrigins } from "./origins.ts";
import { createVersions } from "./versions.ts";

/** Registered models, their versions and aliases. */
export function createRegistry(deps: RegistryDeps): Registry {
  const gate = createGate(deps);
  const { withdraw, ...aliases } = createAliases(deps, gate);
  const origins = createOrigins(deps, gate);
  return {
    ...createModels(deps, gate),
    ...aliases,
    versions: createVersions(deps, gate, { aliases: { withdraw }, origins }),
  };
}
