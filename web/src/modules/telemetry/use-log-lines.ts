import { useMemo } from "react";
import { useApi, useMore, usePages } from "../../lib/api.ts";
import { useTail } from "./tail.ts";
import { instanceLogHistogram, logHistogram, searchInstanceLogs, searchLogs } from "./telemetry-api.ts";
import type { LogView } from "./use-log-view.ts";

const BARS = 80;

/** The lines of a view and how many there are over time: from the store, or as they are written. */
export function useLogLines(view: LogView) {
  const { project, scope, asked, range } = view;
  const stored = view.live === "off";
  const query = { ...asked, ...range };
  const inProject = usePages(searchLogs, { project, query }, scope === "project" && stored);
  const inInstance = usePages(searchInstanceLogs, { query }, scope === "instance" && stored);
  const pages = scope === "instance" ? inInstance : inProject;
  const projectBars = useApi(
    logHistogram,
    { project, query: { ...query, buckets: BARS } },
    { enabled: scope === "project" && stored, placeholderData: (before) => before },
  );
  const instanceBars = useApi(
    instanceLogHistogram,
    { query: { ...query, buckets: BARS } },
    { enabled: scope === "instance" && stored, placeholderData: (before) => before },
  );
  const bars = scope === "instance" ? instanceBars.data : projectBars.data;
  const tail = useTail(view);
  const found = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const more = useMore(pages);
  const dropped = pages.data?.pages[0]?.dropped ?? 0;
  return {
    dropped,
    lines: stored ? found : tail,
    bars: stored ? bars : undefined,
    error: stored ? pages.error : null,
    isPending: stored && pages.isPending,
    hasMore: stored && pages.hasNextPage,
    more: stored ? more : nothing,
    retry: () => void pages.refetch(),
  };
}

/** Followed lines come by themselves. */
function nothing(): void {}
