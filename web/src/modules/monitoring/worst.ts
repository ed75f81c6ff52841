import type { Monitor, MonitorMetric, MonitorWindow, WindowResult } from "@atrium/contract/monitoring";
import { metricWords } from "./metric-words.ts";

export interface RankedColumn {
  name: string;
  kind: Monitor["columns"][number]["kind"];
  role: Monitor["columns"][number]["role"];
  /** Absent where the metric is not for such columns, or the part of the window is too small. */
  value?: number;
  /** Rows of the segment; absent where the window has no result for the column. */
  rows?: number;
  insufficient: boolean;
}

/** The monitor's columns as a window saw them, the worst first; those without a value follow in the monitor's own order. */
export function rankColumns(
  columns: Monitor["columns"],
  results: readonly WindowResult[],
  by: { segment: string; metric: MonitorMetric },
): RankedColumn[] {
  const ofSegment = results.filter(({ segment }) => segment === by.segment);
  const found = new Map(ofSegment.map((result) => [result.column ?? "", result]));
  const ranked = columns.map(({ name, kind, role }): RankedColumn => {
    const result = found.get(name);
    const value = result?.values[by.metric];
    return {
      ...{ name, kind, role, insufficient: result?.insufficient ?? true },
      ...(value === undefined ? {} : { value }),
      ...(result === undefined ? {} : { rows: result.rows }),
    };
  });
  const worstLast = metricWords(by.metric).worse === "down" ? -1 : 1;
  const place = ({ value }: RankedColumn) =>
    value === undefined ? Number.NEGATIVE_INFINITY : value * worstLast;
  return ranked.sort((a, b) => (place(a) === place(b) ? 0 : place(b) - place(a)));
}

/** The window to look at first: the newest that says something, or the newest. */
export function firstToSee(windows: readonly MonitorWindow[]): MonitorWindow | undefined {
  return windows.find(({ insufficient }) => !insufficient) ?? windows[0];
}
