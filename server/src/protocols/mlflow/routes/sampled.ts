import { AppError } from "#lib/errors";
import type { History } from "#modules/tracking";
import { clientTags } from "../client-tags.ts";
import type { MlflowDeps } from "../deps.ts";
import { get, type MountRpc, post } from "../rpc.ts";
import { historyText } from "../translate/history.ts";
import * as wire from "../wire/metrics.ts";
import { invalidValue } from "../wire/refusals.ts";
import { checkRuns } from "./metrics.ts";

const RESULTS_MAX = 2500; // As many points as a chart has pixels, and then some; theirs refuses more.
const RESULTS_USUAL = 320;
const POINTS_READ_MAX = 25_000; // Of a run, in one turn of the event loop; our own charts go further, by buckets.
const RUNS_READ_MAX = 5000; // The newest runs whose datasets are listed; a list for people ends somewhere.
const SUMMARIES_MAX = 1000;

/** What their web interface draws from. @remarks Wire format: mlflow/protos/service.proto, mlflow/server/handlers.py. */
export function mountSampled(rpc: MountRpc, { tracking }: MlflowDeps): void {
  rpc(
    get("/metrics/get-history-bulk-interval", "run:read", wire.getHistorySampled),
    async ({ actor, projectId, given }) => {
      const wanted = given.max_results ?? RESULTS_USUAL;
      if (wanted < 1 || wanted > RESULTS_MAX) {
        throw invalidValue("max_results", wanted, `. It must be from 1 to ${RESULTS_MAX}.`);
      }
      const texts: string[] = [];
      for (const runId of checkRuns(given.run_ids)) {
        const asked = { runId, key: given.metric_key, pageSize: POINTS_READ_MAX };
        const points = await wholeHistory((pageToken) =>
          tracking.metrics.history(actor, projectId, { ...asked, pageToken }),
        );
        const sample = sampled(points, { from: given.start_step, to: given.end_step, wanted });
        if (sample.values.length > 0) texts.push(historyText(given.metric_key, sample, runId));
      }
      return `{"metrics":[${texts.join(",")}]}`;
    },
  );
  rpc(
    post("/experiments/search-datasets", "run:read", wire.searchDatasets),
    async ({ actor, projectId, given }) => {
      const found = new Map<string, object>();
      let pageToken: string | undefined;
      for (let read = 0; read < RUNS_READ_MAX && found.size < SUMMARIES_MAX; ) {
        const asked = { experimentIds: given.experiment_ids, pageSize: 1000, pageToken };
        const page = await tracking.runs.search(actor, projectId, asked);
        for (const run of page.items) {
          for (const { dataset, tags } of run.datasets) {
            const context = tags.find(({ key }) => key === clientTags.datasetContext)?.value;
            const { name, digest } = dataset;
            const summary = { experiment_id: run.experimentId, name, digest, context };
            found.set(JSON.stringify(summary), summary);
          }
        }
        read += page.items.length;
        pageToken = page.nextToken;
        if (pageToken === undefined) break;
      }
      return { dataset_summaries: [...found.values()].slice(0, SUMMARIES_MAX) };
    },
  );
}

async function wholeHistory(
  fetch: (pageToken: string | undefined) => Promise<History>,
): Promise<{ timestampMs: number; step: number; value: number }[]> {
  const points: { timestampMs: number; step: number; value: number }[] = [];
  let pageToken: string | undefined;
  do {
    const page = await fetch(pageToken);
    for (const [i, value] of page.values.entries()) {
      points.push({ timestampMs: page.timestampsMs[i] ?? 0, step: page.steps[i] ?? 0, value });
    }
    pageToken = page.nextToken;
    if (points.length > POINTS_READ_MAX) {
      const words = `The metric has more than ${POINTS_READ_MAX} points; ask for /metric-buckets of Atrium's own API.`;
      throw new AppError("invalid", words, { at: "metric_key" });
    }
  } while (pageToken !== undefined);
  return points;
}

/** Points of evenly spread steps, the least and the greatest step among them, by step. */
function sampled(
  points: readonly { timestampMs: number; step: number; value: number }[],
  { from, to, wanted }: { from: number | undefined; to: number | undefined; wanted: number },
): History {
  const least = from ?? Number.NEGATIVE_INFINITY;
  const most = to ?? Number.POSITIVE_INFINITY;
  const inside = points.filter(({ step }) => step >= least && step <= most);
  const steps = [...new Set(inside.map(({ step }) => step))].sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(steps.length / wanted));
  const chosen = new Set(steps.filter((_, i) => i % every === 0 || i === steps.length - 1));
  const kept = inside
    .filter(({ step }) => chosen.has(step))
    .sort((a, b) => a.step - b.step || a.timestampMs - b.timestampMs);
  return {
    timestampsMs: Float64Array.from(kept, ({ timestampMs }) => timestampMs),
    steps: Float64Array.from(kept, ({ step }) => step),
    values: Float64Array.from(kept, ({ value }) => value),
  };
}
