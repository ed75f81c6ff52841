import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, type MountRpc, post } from "../rpc.ts";
import { toView } from "../translate/experiments.ts";
import { runText, toWireRunInfo } from "../translate/runs.ts";
import { toKeyValues, unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/runs.ts";
import { checkLimit, type Limit } from "./limits.ts";

const SEARCH: Limit = { default: 1000, max: 50_000, words: "type" };
const DEFAULT_EXPERIMENT = "0"; // What an absent or empty id means.
const USER_TAG = "mlflow.user"; // Says who ran it when `user_id` does not.

type Runs = MlflowDeps["tracking"]["runs"];

/** Runs as such; what they log is in run-values.ts. @remarks Wire format: mlflow/protos/service.proto. */
export function mountRuns(rpc: MountRpc, { tracking: { runs } }: MlflowDeps): void {
  rpc(post("/runs/create", "run:write", wire.createRun), async ({ actor, projectId, given }) => {
    const tags = toKeyValues(given.tags);
    const run = await runs.create(actor, projectId, {
      experimentId: given.experiment_id || DEFAULT_EXPERIMENT,
      name: unlessBlank(given.run_name),
      owner: given.user_id || unlessBlank(tags.find(({ key }) => key === USER_TAG)?.value),
      startedMs: given.start_time,
      tags,
    });
    return `{"run":${runText(run)}}`;
  });
  rpc(get("/runs/get", "run:read", wire.byRunId), async ({ actor, projectId, given }) => {
    const run = await runs.get(actor, projectId, given.run_id);
    return `{"run":${runText(run)}}`;
  });
  rpc(post("/runs/update", "run:write", wire.updateRun), async ({ actor, projectId, given }) => {
    const run = await runs.update(actor, projectId, given.run_id, {
      name: unlessBlank(given.run_name),
      status: given.status,
      endedMs: given.end_time,
    });
    return { run_info: toWireRunInfo(run) };
  });
  rpc(post("/runs/delete", "run:delete", wire.byRunId), async ({ actor, projectId, given }) => {
    await runs.delete(actor, projectId, given.run_id);
  });
  rpc(post("/runs/restore", "run:delete", wire.byRunId), async ({ actor, projectId, given }) => {
    await runs.restore(actor, projectId, given.run_id);
  });
  mountSearch(rpc, runs);
}

function mountSearch(rpc: MountRpc, runs: Runs): void {
  rpc(post("/runs/search", "run:read", wire.searchRuns), async ({ actor, projectId, given }) => {
    const wanted = checkLimit(given.max_results, SEARCH);
    // Our own word for no experiment is all of them; with them it is none.
    if (given.experiment_ids === undefined || given.experiment_ids.length === 0) return {};
    const asked = {
      experimentIds: given.experiment_ids,
      filter: given.filter,
      orderBy: given.order_by,
      view: toView(given.run_view_type),
    };
    return pagesAnswer({
      field: "runs",
      wanted,
      pageToken: unlessBlank(given.page_token),
      fetch: async (page) => textPage(await runs.search(actor, projectId, { ...asked, ...page }), runText),
    });
  });
}
