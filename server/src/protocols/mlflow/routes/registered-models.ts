import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, getOrPost, type MountRpc, patch, post, remove } from "../rpc.ts";
import { toVersionNumber, toWireModel, toWireVersion } from "../translate/registry.ts";
import { toRecord, unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/registry.ts";
import { checkLimit, type Limit } from "./limits.ts";

const SEARCH: Limit = { default: 100, max: 1000, words: "type" };

type Registry = MlflowDeps["registry"];

/** Registered models, and prompts, which are the same with reserved tags. @remarks mlflow/protos/model_registry.proto. */
export function mountRegisteredModels(rpc: MountRpc, { registry }: MlflowDeps): void {
  rpc(
    post("/registered-models/create", "model:write", wire.createModel),
    async ({ actor, projectId, given }) => {
      const model = await registry.create(actor, projectId, {
        name: given.name,
        description: unlessBlank(given.description),
        tags: toRecord(given.tags),
      });
      return { registered_model: toWireModel(model) };
    },
  );
  rpc(get("/registered-models/get", "model:read", wire.byModelName), async ({ actor, projectId, given }) => ({
    registered_model: toWireModel(await registry.get(actor, { projectId, name: given.name })),
  }));
  rpc(
    getOrPost("/registered-models/get-latest-versions", "model:read", wire.latestVersions),
    async ({ actor, projectId, given }) => {
      const versions = await registry.latestVersions(actor, { projectId, name: given.name }, given.stages);
      return versions.length === 0 ? {} : { model_versions: versions.map(toWireVersion) };
    },
  );
  rpc(
    get("/registered-models/search", "model:read", wire.searchRegistry),
    async ({ actor, projectId, given }) => {
      const wanted = checkLimit(given.max_results, SEARCH);
      return pagesAnswer({
        field: "registered_models",
        wanted,
        pageToken: unlessBlank(given.page_token),
        fetch: async (page) => {
          const asked = { filter: given.filter, orderBy: given.order_by, ...page };
          const found = await registry.search(actor, projectId, asked);
          return textPage(found, (model) => JSON.stringify(toWireModel(model)));
        },
      });
    },
  );
  mountChanges(rpc, registry);
  mountAliases(rpc, registry);
}

function mountChanges(rpc: MountRpc, registry: Registry): void {
  rpc(
    patch("/registered-models/update", "model:write", wire.updateModel),
    async ({ actor, projectId, given }) => {
      const changes = { description: given.description ?? "" };
      const model = await registry.update(actor, { projectId, name: given.name }, changes);
      return { registered_model: toWireModel(model) };
    },
  );
  rpc(
    post("/registered-models/rename", "model:write", wire.renameModel),
    async ({ actor, projectId, given }) => {
      const changes = { name: given.new_name };
      const model = await registry.update(actor, { projectId, name: given.name }, changes);
      return { registered_model: toWireModel(model) };
    },
  );
  rpc(
    remove("/registered-models/delete", "model:delete", wire.byModelName),
    async ({ actor, projectId, given }) => {
      await registry.delete(actor, { projectId, name: given.name });
    },
  );
  rpc(
    post("/registered-models/set-tag", "model:write", wire.setModelTag),
    async ({ actor, projectId, given }) => {
      await registry.update(actor, { projectId, name: given.name }, { tags: toRecord([given]) });
    },
  );
  rpc(
    remove("/registered-models/delete-tag", "model:write", wire.deleteModelTag),
    async ({ actor, projectId, given }) => {
      await registry.update(actor, { projectId, name: given.name }, { tags: { [given.key]: null } });
    },
  );
}

function mountAliases(rpc: MountRpc, registry: Registry): void {
  rpc(
    post("/registered-models/alias", "model:promote", wire.setAlias),
    async ({ actor, projectId, given }) => {
      const { name, alias } = given;
      await registry.setAlias(actor, { projectId, name, alias }, toVersionNumber(given.version));
    },
  );
  rpc(
    remove("/registered-models/alias", "model:promote", wire.byAlias),
    async ({ actor, projectId, given: { name, alias } }) => {
      await registry.deleteAlias(actor, { projectId, name, alias });
    },
  );
  rpc(
    get("/registered-models/alias", "model:read", wire.byAlias),
    async ({ actor, projectId, given: { name, alias } }) => ({
      model_version: toWireVersion(await registry.versionByAlias(actor, { projectId, name, alias })),
    }),
  );
}
