import { AppError } from "#lib/errors";
import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer } from "../pages.ts";
import { get, type MountRpc } from "../rpc.ts";
import { historyText } from "../translate/history.ts";
import { unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/metrics.ts";
import { invalidValue } from "../wire/refusals.ts";

const POINTS_MAX = 25_000; // What their client asks for at a time; also the most of one answer about many runs.
const POINTS_AT_ONCE = 10_000; // Five milliseconds of writing text, after which others get their turn.
const RUNS_MAX = 100; // Charts of more runs than this show nothing anybody can read.

type Metrics = MlflowDeps["tracking"]["metrics"];

/** Histories of metrics. @remarks Wire format: mlflow/protos/service.proto, and mlflow/server/handlers.py for `bulk`. */
export function mountMetrics(rpc: MountRpc, { tracking: { metrics } }: MlflowDeps): void {
  rpc(get("/metrics/get-history", "run:read", wire.getHistory), async ({ actor, projectId, given }) => {
    if (given.max_results !== undefined && given.max_results < 1) {
      throw invalidValue("max_results", given.max_results, ". It must be a positive integer.");
    }
    const asked = { runId: given.run_id, key: given.metric_key };
    return pagesAnswer({
      field: "metrics",
      // Who names no number wants them all, and may not know that there are pages.
      wanted: given.max_results ?? Number.POSITIVE_INFINITY,
      itemsAtOnce: POINTS_AT_ONCE,
      pageToken: unlessBlank(given.page_token),
      fetch: async (page) => {
        const history = await metrics.history(actor, projectId, { ...asked, ...page });
        return {
          text: historyText(asked.key, history),
          count: history.values.length,
          nextToken: history.nextToken,
        };
      },
    });
  });
  mountBulk(rpc, metrics);
}

/** How their web interface asks for several runs at once. */
function mountBulk(rpc: MountRpc, metrics: Metrics): void {
  rpc(
    get("/metrics/get-history-bulk", "run:read", wire.getHistoryBulk),
    async ({ actor, projectId, given }) => {
      const texts: string[] = [];
      let left = Math.min(given.max_results ?? POINTS_MAX, POINTS_MAX);
      for (const runId of checkRuns(given.run_id).toSorted()) {
        if (left <= 0) break;
        const asked = { runId, key: given.metric_key, pageSize: left };
        const history = await metrics.history(actor, projectId, asked);
        if (history.values.length > 0) texts.push(historyText(given.metric_key, history, runId));
        left -= history.values.length;
      }
      return `{"metrics":[${texts.join(",")}]}`;
    },
  );
}

/** @throws AppError `invalid` when there are none, or too many for one chart */
export function checkRuns(runIds: readonly string[]): readonly string[] {
  if (runIds.length > 0 && runIds.length <= RUNS_MAX) return runIds;
  throw new AppError(
    "invalid",
    `GetMetricHistoryBulk request must specify at least one and at most ${RUNS_MAX} run_id. Received ${runIds.length}.`,
    { at: "run_id" },
  );
}
