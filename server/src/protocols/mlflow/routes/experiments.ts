import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, getOrPost, type MountRpc, post } from "../rpc.ts";
import { toView, toWireExperiment } from "../translate/experiments.ts";
import { checkArtifactLocation } from "../translate/locations.ts";
import { toKeyValues, unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/experiments.ts";
import { checkLimit, type Limit } from "./limits.ts";

// Without a number their server refuses, for its default is zero; curl and R deserve an answer.
const SEARCH: Limit = { default: 1000, max: 50_000, words: "sentence" };

/** Experiments. @remarks Wire format: mlflow/protos/service.proto. */
export function mountExperiments(rpc: MountRpc, { tracking, projects }: MlflowDeps): void {
  const { experiments } = tracking;
  const workspaceOf = async (projectId: string) => (await projects.byId(projectId))?.slug;

  rpc(
    post("/experiments/create", "experiment:write", wire.createExperiment),
    async ({ actor, projectId, given }) => {
      checkArtifactLocation(given.artifact_location);
      const { name } = given;
      const made = await experiments.create(actor, projectId, { name, tags: toKeyValues(given.tags) });
      return { experiment_id: made.id };
    },
  );
  rpc(
    get("/experiments/get", "experiment:read", wire.byExperimentId),
    async ({ actor, projectId, given }) => {
      const found = await experiments.get(actor, projectId, given.experiment_id);
      return { experiment: toWireExperiment(found, await workspaceOf(projectId)) };
    },
  );
  rpc(
    get("/experiments/get-by-name", "experiment:read", wire.byExperimentName),
    async ({ actor, projectId, given }) => {
      const found = await experiments.getByName(actor, projectId, given.experiment_name);
      return { experiment: toWireExperiment(found, await workspaceOf(projectId)) };
    },
  );
  rpc(
    getOrPost("/experiments/search", "experiment:read", wire.searchExperiments),
    async ({ actor, projectId, given }) => {
      const wanted = checkLimit(given.max_results, SEARCH);
      const workspace = await workspaceOf(projectId);
      const asked = { filter: given.filter, orderBy: given.order_by, view: toView(given.view_type) };
      return pagesAnswer({
        field: "experiments",
        wanted,
        pageToken: unlessBlank(given.page_token),
        fetch: async (page) => {
          const found = await experiments.search(actor, projectId, { ...asked, ...page });
          return textPage(found, (item) => JSON.stringify(toWireExperiment(item, workspace)));
        },
      });
    },
  );
  mountChanges(rpc, experiments);
}

function mountChanges(rpc: MountRpc, experiments: MlflowDeps["tracking"]["experiments"]): void {
  rpc(
    post("/experiments/update", "experiment:write", wire.updateExperiment),
    async ({ actor, projectId, given }) => {
      await experiments.rename(actor, projectId, given.experiment_id, given.new_name);
    },
  );
  rpc(
    post("/experiments/delete", "experiment:delete", wire.byExperimentId),
    async ({ actor, projectId, given }) => {
      await experiments.delete(actor, projectId, given.experiment_id);
    },
  );
  rpc(
    post("/experiments/restore", "experiment:delete", wire.byExperimentId),
    async ({ actor, projectId, given }) => {
      await experiments.restore(actor, projectId, given.experiment_id);
    },
  );
  rpc(
    post("/experiments/set-experiment-tag", "experiment:write", wire.setExperimentTag),
    async ({ actor, projectId, given }) => {
      await experiments.setTags(actor, projectId, given.experiment_id, toKeyValues([given]));
    },
  );
  rpc(
    post("/experiments/delete-experiment-tag", "experiment:write", wire.deleteExperimentTag),
    async ({ actor, projectId, given }) => {
      await experiments.deleteTag(actor, projectId, given.experiment_id, given.key);
    },
  );
}
