import type {
  Experiment,
  RunDetails,
  RunStatus,
  RunSummary,
  trackingApi,
  View,
} from "@atrium/contract/tracking";
import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { operation, queryKey, useApi, usePages } from "../../lib/api.ts";
import { formatSort, type Sort } from "../../lib/url.ts";

type Api = typeof trackingApi;

const listExperiments = operation<Api["listExperiments"]>("GET /experiments");
export const searchRuns = operation<Api["searchRuns"]>("GET /runs");
const countRuns = operation<Api["countRuns"]>("GET /runs/counts");
const getRun = operation<Api["getRun"]>("GET /runs/:run");
const searchLoggedModels = operation<Api["searchLoggedModels"]>("GET /logged-models");
const getLoggedModel = operation<Api["getLoggedModel"]>("GET /logged-models/:model");
export const updateRun = operation<Api["updateRun"]>("PATCH /runs/:run");
export const deleteRun = operation<Api["deleteRun"]>("DELETE /runs/:run");
export const restoreRun = operation<Api["restoreRun"]>("POST /runs/:run/restore");
export const metricBuckets = operation<Api["metricBuckets"]>("GET /metric-buckets");

/** A run as these screens use it. */
export type RunRow = RunSummary;
export type XAxis = "step" | "time" | "relative";

// A screen of rows and then some: few requests for who scrolls far, little to wait for who does not.
const RUNS_A_PAGE = 200;
// What runs at once is shown as a list; beyond this the number alone says enough.
const RUNNING_SHOWN_MAX = 50;
const RECENT_SHOWN_MAX = 8;
// The picker searches what it has; a project with more experiments filters the table instead.
const EXPERIMENTS_MAX = 1000;
const NONE: never[] = [];

export function useExperiments(project: string): readonly Experiment[] {
  return useApi(listExperiments, { project, query: { pageSize: EXPERIMENTS_MAX } }).data?.items ?? NONE;
}

export function useRunSearch(
  project: string,
  search: { experimentIds: readonly string[]; filter: string; sort: Sort | undefined; view: View },
) {
  const sort = formatSort(search.sort);
  const pages = usePages(searchRuns, {
    project,
    query: {
      pageSize: RUNS_A_PAGE,
      experimentIds: search.experimentIds,
      filter: search.filter,
      view: search.view,
      ...(sort ? { sort } : {}),
    },
  });
  const rows = useMemo<readonly RunRow[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return {
    rows,
    loading: pages.isPending,
    error: pages.error,
    hasMore: pages.hasNextPage,
    more: pages.fetchNextPage,
    retry: () => void pages.refetch(),
  };
}

export function useRunCounts(project: string) {
  return useApi(countRuns, { project });
}

/** The first runs that match, for short lists. */
export function useFirstRuns(project: string, ask: { filter: string; count: number }): RunRow[] | undefined {
  return useApi(searchRuns, { project, query: { filter: ask.filter, pageSize: ask.count } }).data?.items;
}

export function useRunningRuns(project: string): RunRow[] | undefined {
  return useFirstRuns(project, { filter: statusIs("RUNNING"), count: RUNNING_SHOWN_MAX });
}

export function useMyRuns(project: string, person: { name: string }): RunRow[] | undefined {
  const filter = `attributes.user_id = ${quoted(person.name)}`;
  return useFirstRuns(project, { filter, count: RECENT_SHOWN_MAX });
}

export function statusIs(status: RunStatus): string {
  return `attributes.status = '${status}'`;
}

/** A text in the filter language, in whichever quotes it does not hold itself; it knows no escapes. */
function quoted(text: string): string {
  return text.includes("'") ? `"${text.replaceAll('"', "")}"` : `'${text}'`;
}

export function useRun(project: string, id: string, when: "read" | "wait" = "read") {
  return useApi(getRun, { project, params: { run: id } }, { enabled: when === "read" });
}

export function useRunsById(project: string, ids: readonly string[]) {
  const { runs, errors, loading, retry } = useQueries({
    combine: gather,
    queries: ids.map((run) => {
      const input = { project, params: { run } };
      return {
        queryKey: queryKey(getRun, input),
        queryFn: ({ signal }: { signal: AbortSignal }) => getRun(input, signal),
      };
    }),
  });
  /** Of the ids, those that could not be read, with why. */
  const failures = ids.flatMap((id, index) => (errors[index] ? [{ id, error: errors[index] }] : []));
  return { runs, failures, loading, retry };
}

// Outside the hook, so that equal answers give the very same array and the charts over it stand still.
function gather(all: readonly UseQueryResult<RunDetails>[]) {
  return {
    runs: all.flatMap((one) => one.data ?? []),
    errors: all.map((one) => one.error),
    loading: all.some((one) => one.isPending),
    retry: () => {
      for (const one of all) if (one.error) void one.refetch();
    },
  };
}

export function useLoggedModelsOf(project: string, runId: string, wanted: boolean) {
  return useApi(searchLoggedModels, { project, query: { runId } }, { enabled: wanted });
}

export function useLoggedModel(project: string, id: string) {
  return useApi(getLoggedModel, { project, params: { model: id } });
}
