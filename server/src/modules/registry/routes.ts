import { registryApi } from "@atrium/contract/registry";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Registry } from "./door.ts";

/** Our own API of registered models. */
export function registryRoutes(serve: Serve<Actor>, registry: Registry): void {
  const { versions, webhooks } = registry;

  serve(registryApi.listModels, ({ actor, projectId, query }) => registry.search(actor, projectId, query));
  serve(registryApi.createModel, ({ actor, projectId, body }) => registry.create(actor, projectId, body));
  serve(registryApi.getModel, ({ actor, projectId, params }) =>
    registry.get(actor, { projectId, name: params.model }),
  );
  serve(registryApi.updateModel, ({ actor, projectId, params, body }) =>
    registry.update(actor, { projectId, name: params.model }, body),
  );
  serve(registryApi.deleteModel, async ({ actor, projectId, params }) => {
    await registry.delete(actor, { projectId, name: params.model });
    return {};
  });

  serve(registryApi.listVersions, ({ actor, projectId, params, query }) =>
    versions.list(actor, { projectId, name: params.model }, query),
  );
  serve(registryApi.createVersion, ({ actor, projectId, params, body }) => {
    const { path = "", runId, loggedModelId, ...rest } = body;
    const source = loggedModelId === undefined ? `runs:/${runId}/${path}` : `models:/${loggedModelId}`;
    return versions.create(actor, { projectId, name: params.model }, { ...rest, source });
  });
  serve(registryApi.getVersion, ({ actor, projectId, params }) =>
    versions.get(actor, { projectId, name: params.model, version: params.version }),
  );
  serve(registryApi.updateVersion, ({ actor, projectId, params, body }) =>
    versions.update(actor, { projectId, name: params.model, version: params.version }, body),
  );
  serve(registryApi.moveVersion, ({ actor, projectId, params, body }) =>
    versions.moveToStage(actor, { projectId, name: params.model, version: params.version }, body),
  );
  serve(registryApi.deleteVersion, async ({ actor, projectId, params }) => {
    await versions.delete(actor, { projectId, name: params.model, version: params.version });
    return {};
  });

  serve(registryApi.setAlias, async ({ actor, projectId, params, body }) => {
    const at = { projectId, name: params.model };
    await registry.setAlias(actor, { ...at, alias: params.alias }, body.version);
    return registry.get(actor, at);
  });
  serve(registryApi.deleteAlias, async ({ actor, projectId, params }) => {
    const at = { projectId, name: params.model };
    await registry.deleteAlias(actor, { ...at, alias: params.alias });
    return registry.get(actor, at);
  });
  serve(registryApi.aliasHistory, ({ actor, projectId, params, query }) =>
    registry.aliasHistory(actor, { projectId, name: params.model }, query),
  );

  serve(registryApi.listWebhooks, ({ actor, projectId, query }) => webhooks.list(actor, projectId, query));
  serve(registryApi.createWebhook, ({ actor, projectId, body }) => webhooks.create(actor, projectId, body));
  serve(registryApi.getWebhook, ({ actor, projectId, params }) =>
    webhooks.get(actor, { projectId, webhook: params.webhook }),
  );
  serve(registryApi.updateWebhook, ({ actor, projectId, params, body }) =>
    webhooks.update(actor, { projectId, webhook: params.webhook }, body),
  );
  serve(registryApi.deleteWebhook, async ({ actor, projectId, params }) => {
    await webhooks.delete(actor, { projectId, webhook: params.webhook });
    return {};
  });
  serve(registryApi.testWebhook, ({ actor, projectId, params, body }) =>
    webhooks.test(actor, { projectId, webhook: params.webhook }, body.event),
  );
  serve(registryApi.listWebhookDeliveries, ({ actor, projectId, params, query }) =>
    webhooks.deliveries(actor, { projectId, webhook: params.webhook }, query),
  );
}
