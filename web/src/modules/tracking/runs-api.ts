import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { ApiError } from "../../lib/api.ts";
import type { Buckets } from "../../lib/chart/lines.ts";
import { formatSort, type Sort } from "../../lib/url.ts";

/** A run as these screens use it. */
export interface RunRow {
  id: string;
  name: string;
  experimentId: string;
  experimentName?: string | undefined;
  status: string;
  startedMs?: number | undefined;
  endedMs?: number | undefined;
  owner: string;
  parentId?: string | undefined;
  params: Readonly<Record<string, string>>;
  metrics: Readonly<Record<string, number>>;
  tags: Readonly<Record<string, string>>;
  /** Where its files begin, below the project. */
  artifactPath: string;
}
export interface ExperimentRow {
  id: string;
  name: string;
  changedMs?: number | undefined;
}
export type XAxis = "step" | "time" | "relative";

async function read<T>(
  project: string,
  path: string,
  query: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<T> {
  const search = new URLSearchParams();
  for (const [k, v] of Object.entries(query))
    for (const one of Array.isArray(v) ? v : [v])
      if (one !== undefined && one !== "") search.append(k, String(one));
  const response = await fetch(`/p/${project}/api/atrium/v1${path}?${search}`, { signal: signal ?? null });
  const answer = await response.json();
  if (!response.ok) throw new ApiError(response.status, answer.error);
  return answer as T;
}

export function useExperiments(project: string) {
  return useQuery({
    queryKey: ["GET /experiments", { project }],
    queryFn: ({ signal }) =>
      read<{ items: ExperimentRow[] }>(project, "/experiments", {}, signal).then((a) => a.items),
  });
}

export function useRunSearch(
  project: string,
  search: { experimentIds: readonly string[]; filter: string; sort: Sort | undefined },
) {
  const pages = useInfiniteQuery<
    { items: RunRow[]; nextToken?: string },
    ApiError,
    { pages: { items: RunRow[] }[] },
    unknown[],
    string
  >({
    queryKey: ["GET /runs", { project, ...search }],
    initialPageParam: "",
    queryFn: ({ signal, pageParam }) =>
      read(
        project,
        "/runs",
        { filter: search.filter, sort: formatSort(search.sort), pageToken: pageParam },
        signal,
      ),
    getNextPageParam: (last) => last.nextToken ?? null,
    placeholderData: (b) => b,
  });
  return {
    rows: pages.data?.pages.flatMap((p) => p.items) ?? EMPTY,
    loading: pages.isPending,
    error: pages.error,
    hasMore: pages.hasNextPage,
    more: pages.fetchNextPage,
    retry: () => void pages.refetch(),
  };
}
const EMPTY: RunRow[] = [];

export function useRunningRuns(project: string) {
  return useQuery({
    queryKey: ["GET /runs", { project, running: true }],
    queryFn: ({ signal }) =>
      read<{ items: RunRow[] }>(project, "/runs", { filter: "attributes.status = 'RUNNING'" }, signal).then(
        (a) => a.items,
      ),
  });
}

export function useRun(project: string, id: string) {
  return useQuery({
    queryKey: ["GET /runs/:run", { project, id }],
    queryFn: ({ signal }) => read<RunRow>(project, `/runs/${id}`, {}, signal),
  });
}

export function useRunsById(project: string, ids: readonly string[]) {
  const all = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["GET /runs/:run", { project, id }],
      queryFn: ({ signal }: { signal: AbortSignal }) => read<RunRow>(project, `/runs/${id}`, {}, signal),
    })),
  });
  return {
    runs: all.flatMap((one) => one.data ?? []),
    error: all.find((one) => one.error)?.error ?? null,
    loading: all.some((one) => one.isPending),
    retry: () => {
      for (const one of all) void one.refetch();
    },
  };
}

export async function readBuckets(
  ask: {
    project: string;
    runIds: readonly string[];
    metric: string;
    axis: XAxis;
    range: readonly [number, number] | undefined;
    buckets: number;
  },
  signal: AbortSignal,
): Promise<(Buckets & { runId: string })[]> {
  const answer = await read<{ items: (Buckets & { runId: string })[] }>(
    ask.project,
    "/metric-buckets",
    {
      runIds: ask.runIds,
      metric: ask.metric,
      axis: ask.axis,
      from: ask.range?.[0],
      to: ask.range?.[1],
      buckets: ask.buckets,
    },
    signal,
  );
  return answer.items;
}

export function useMyRuns(project: string, person: { id: string; name: string }) {
  return useQuery({
    queryKey: ["GET /runs", { project, mine: person.id }],
    queryFn: ({ signal }) =>
      read<{ items: RunRow[] }>(
        project,
        "/runs",
        { filter: `attributes.user_id = '${person.name.replaceAll("'", "")}'` },
        signal,
      ).then((a) => a.items),
  });
}
