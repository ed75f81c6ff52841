import { setImmediate as nextTurn } from "node:timers/promises";
import type { RunStatus } from "@atrium/contract/tracking";
import { AppError } from "#lib/errors";
import type { Page } from "#lib/paging";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { TrackingDeps } from "./deps.ts";
import type { Run, Runs } from "./door.ts";
import { experimentNumber } from "./experiment.ts";
import type { Places } from "./places.ts";
import { positionKinds, type RunQuestion, searchRuns } from "./queries/run-search.ts";
import { countByStatus, countSince } from "./queries/runs.ts";
import type { RunReader } from "./run-reader.ts";
import { runConditions, runOrders } from "./run-search.ts";
import type { StandingRunRow } from "./tables.ts";

const PAGE_MAX = 1000;
const ASSEMBLED_AT_ONCE = 100; // Reading the values of 100 runs holds the event loop for some milliseconds.
const EXPERIMENTS_MAX = 10_000; // Each is a parameter of the query.
const DAY_MS = 24 * 3600 * 1000;

/** Many runs: searching and counting. */
export function createRunList(
  deps: TrackingDeps,
  places: Places,
  reader: RunReader,
): Pick<Runs, "search" | "counts"> {
  const { db, clock } = deps;

  return { search, counts };

  async function search(
    actor: Actor,
    projectId: string,
    asked: Parameters<Runs["search"]>[2],
  ): Promise<Page<Run>> {
    const conditions = runConditions(asked.filter ?? "");
    const orders = runOrders(asked);
    const view = asked.view ?? "active";
    const given = asked.experimentIds && idsOf(asked.experimentIds);
    const experimentIds = await places.visible(actor, "run:read", { projectId, experimentIds: given });
    const question: RunQuestion = { projectId, experimentIds, conditions, orders, view };
    return keysetPage({
      pageSize: Math.min(asked.pageSize, PAGE_MAX),
      pageToken: asked.pageToken || undefined,
      question: [projectId, given ?? null, asked.filter ?? "", asked.orderBy ?? [], asked.sort ?? "", view],
      kinds: positionKinds(orders),
      rows: async (after, limit) => {
        if (experimentIds?.length === 0) return [];
        const from = isQuick(question) ? db.reader : db.longReader;
        return searchRuns(from, question, { after, limit });
      },
      show: (found) => assembled(found.map(({ row }) => row)),
      position: ({ position }) => position,
    });
  }

  async function assembled(rows: readonly StandingRunRow[]): Promise<Run[]> {
    const runs: Run[] = [];
    for (let at = 0; at < rows.length; at += ASSEMBLED_AT_ONCE) {
      if (at > 0) await nextTurn();
      runs.push(...(await reader.runsOf(db.reader, rows.slice(at, at + ASSEMBLED_AT_ONCE))));
    }
    return runs;
  }

  async function counts(
    actor: Actor,
    projectId: string,
  ): Promise<{ byStatus: Partial<Record<RunStatus, number>>; lastDay: number; newestMs?: number }> {
    const experimentIds = await places.visible(actor, "run:read", { projectId });
    if (experimentIds?.length === 0) return { byStatus: {}, lastDay: 0 };
    const rows = await countByStatus(db.longReader, { projectId, experimentIds });
    const lastDay = await countSince(db.longReader, { projectId, experimentIds }, clock.now() - DAY_MS);
    const byStatus = Object.fromEntries(rows.map(({ status, n }) => [status, n]));
    if (rows.length === 0) return { byStatus, lastDay };
    return { byStatus, lastDay, newestMs: Math.max(...rows.map((row) => row.newestMs)) };
  }
}

/** Read along an index from its beginning, and so about as many rows as the page has. */
function isQuick({ conditions, orders, experimentIds, view }: RunQuestion): boolean {
  const [first] = orders;
  const newestFirst = first?.on === "column" && first.column === "started_ms" && first.direction === "DESC";
  return newestFirst && conditions.length === 0 && view !== "deleted" && (experimentIds?.length ?? 1) === 1;
}

/** Ids that no experiment has name no runs. @throws AppError `invalid` when one is no number */
function idsOf(experimentIds: readonly string[]): number[] {
  if (experimentIds.length > EXPERIMENTS_MAX) {
    throw new AppError("invalid", `Runs are searched in at most ${EXPERIMENTS_MAX} experiments at once.`, {
      at: "experiment_ids",
    });
  }
  const ids = experimentIds.flatMap((id) => experimentNumber(id) ?? []);
  return [...new Set(ids)].sort((a, b) => a - b);
}
