import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, type MountRpc, patch, post, remove } from "../rpc.ts";
import { toModelOrder, toWireLoggedModel } from "../translate/logged-models.ts";
import { toKeyValues, unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/logged-models.ts";
import { checkLimit, type Limit } from "./limits.ts";

const SEARCH: Limit = { default: 50, max: 50_000, words: "sentence" };
const STATUS = { LOGGED_MODEL_READY: "READY", LOGGED_MODEL_UPLOAD_FAILED: "FAILED" } as const;

type LoggedModels = MlflowDeps["tracking"]["loggedModels"];

/** Models that runs log. @remarks Wire format: mlflow/protos/service.proto. */
export function mountLoggedModels(rpc: MountRpc, { tracking: { loggedModels } }: MlflowDeps): void {
  rpc(post("/logged-models", "run:write", wire.createLoggedModel), async ({ actor, projectId, given }) => {
    const model = await loggedModels.create(actor, projectId, {
      experimentId: given.experiment_id,
      name: unlessBlank(given.name),
      modelType: unlessBlank(given.model_type),
      sourceRunId: unlessBlank(given.source_run_id),
      params: toKeyValues(given.params),
      tags: toKeyValues(given.tags),
    });
    return { model: toWireLoggedModel(model) };
  });
  rpc(
    get("/logged-models/:model_id", "run:read", wire.getLoggedModel),
    async ({ actor, projectId, given }) => {
      const deleted = given.allow_deleted === true ? "allowed" : "refused";
      const model = await loggedModels.get(actor, projectId, given.model_id, { deleted });
      return { model: toWireLoggedModel(model) };
    },
  );
  rpc(
    patch("/logged-models/:model_id", "run:write", wire.finalizeLoggedModel),
    async ({ actor, projectId, given }) => {
      const model = await loggedModels.finalize(actor, projectId, given.model_id, {
        status: STATUS[given.status],
      });
      return { model: toWireLoggedModel(model) };
    },
  );
  rpc(
    remove("/logged-models/:model_id", "run:delete", wire.byModelId),
    async ({ actor, projectId, given }) => {
      await loggedModels.delete(actor, projectId, given.model_id);
    },
  );
  mountSearch(rpc, loggedModels);
  mountParamsAndTags(rpc, loggedModels);
}

function mountSearch(rpc: MountRpc, loggedModels: LoggedModels): void {
  rpc(
    post("/logged-models/search", "run:read", wire.searchLoggedModels),
    async ({ actor, projectId, given }) => {
      const wanted = checkLimit(given.max_results || undefined, SEARCH);
      if (given.experiment_ids.length === 0) return {};
      const asked = {
        experimentIds: given.experiment_ids,
        filter: unlessBlank(given.filter),
        datasets: given.datasets?.map(({ dataset_name, dataset_digest }) => ({
          name: dataset_name,
          digest: unlessBlank(dataset_digest),
        })),
        orderBy: given.order_by?.map(toModelOrder),
      };
      return pagesAnswer({
        field: "models",
        wanted,
        pageToken: unlessBlank(given.page_token),
        fetch: async (page) => {
          const found = await loggedModels.search(actor, projectId, { ...asked, ...page });
          return textPage(found, (model) => JSON.stringify(toWireLoggedModel(model)));
        },
      });
    },
  );
}

function mountParamsAndTags(rpc: MountRpc, loggedModels: LoggedModels): void {
  rpc(
    post("/logged-models/:model_id/params", "run:write", wire.logLoggedModelParams),
    async ({ actor, projectId, given }) => {
      await loggedModels.logParams(actor, projectId, given.model_id, toKeyValues(given.params));
    },
  );
  rpc(
    patch("/logged-models/:model_id/tags", "run:write", wire.setLoggedModelTags),
    async ({ actor, projectId, given }) => {
      await loggedModels.setTags(actor, projectId, given.model_id, toKeyValues(given.tags));
    },
  );
  rpc(
    remove("/logged-models/:model_id/tags/:tag_key", "run:write", wire.deleteLoggedModelTag),
    async ({ actor, projectId, given }) => {
      await loggedModels.deleteTag(actor, projectId, given.model_id, given.tag_key);
    },
  );
}
