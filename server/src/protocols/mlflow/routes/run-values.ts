import type { MlflowDeps } from "../deps.ts";
import { type MountRpc, post } from "../rpc.ts";
import { toBatch, toDatasetInput, toPoint } from "../translate/batches.ts";
import { addToHistory, HISTORY_TAG } from "../translate/logged-model-history.ts";
import { single } from "../translate/single.ts";
import { toKeyValues } from "../translate/values.ts";
import * as wire from "../wire/runs.ts";

/** What runs log: metrics, params, tags, and what they read and make. @remarks Wire format: mlflow/protos/service.proto. */
export function mountRunValues(rpc: MountRpc, { tracking: { runs } }: MlflowDeps): void {
  rpc(post("/runs/log-metric", "run:write", wire.logMetric), async ({ actor, projectId, given }) => {
    const batch = { metrics: [toPoint(given)], params: [], tags: [] };
    await single(runs.log(actor, projectId, given.run_id, batch));
  });
  rpc(post("/runs/log-parameter", "run:write", wire.logParam), async ({ actor, projectId, given }) => {
    const batch = { metrics: [], params: toKeyValues([given]), tags: [] };
    await single(runs.log(actor, projectId, given.run_id, batch));
  });
  rpc(post("/runs/set-tag", "run:write", wire.setRunTag), async ({ actor, projectId, given }) => {
    const batch = { metrics: [], params: [], tags: toKeyValues([given]) };
    await single(runs.log(actor, projectId, given.run_id, batch));
  });
  rpc(post("/runs/delete-tag", "run:write", wire.deleteRunTag), async ({ actor, projectId, given }) => {
    await runs.deleteTag(actor, projectId, given.run_id, given.key);
  });
  rpc(post("/runs/log-batch", "run:write", wire.logBatch), async ({ actor, projectId, given }) => {
    await runs.log(actor, projectId, given.run_id, toBatch(given));
  });
  rpc(post("/runs/log-inputs", "run:write", wire.logInputs), async ({ actor, projectId, given }) => {
    await runs.logInputs(actor, projectId, given.run_id, {
      datasets: (given.datasets ?? []).map(toDatasetInput),
      modelIds: (given.models ?? []).map(({ model_id }) => model_id),
    });
  });
  rpc(post("/runs/outputs", "run:write", wire.logOutputs), async ({ actor, projectId, given }) => {
    const models = given.models.map(({ model_id, step = 0 }) => ({ modelId: model_id, step }));
    await runs.logOutputs(actor, projectId, given.run_id, models);
  });
  rpc(post("/runs/log-model", "run:write", wire.logModel), async ({ actor, projectId, given }) => {
    const run = await runs.get(actor, projectId, given.run_id);
    const before = run.tags.find(({ key }) => key === HISTORY_TAG)?.value;
    const tag = { key: HISTORY_TAG, value: addToHistory(before, given.model_json) };
    await runs.log(actor, projectId, given.run_id, { metrics: [], params: [], tags: [tag] });
  });
}
