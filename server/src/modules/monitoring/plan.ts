import type { MonitorSettings } from "@atrium/contract/monitoring";

export type WatchedColumn = MonitorSettings["columns"][number];
export type Performance = NonNullable<MonitorSettings["performance"]>;

export const ALL = "all";
/** Of endpoints: entities that the model's features knew, and those that they did not. */
const COHORTS = ["known", "new"] as const;
export const COHORT_NAMES: readonly string[] = COHORTS;

/** A part of a window's rows: all, those of a cohort, or those that a column's values name. */
export interface Segment {
  name: string;
  column?: string;
  values?: readonly string[];
}

/** The time from `startMs` to `endMs`, which is not part of it. */
export interface Span {
  startMs: number;
  endMs: number;
}

export function segmentsOf(settings: Pick<MonitorSettings, "source" | "segments">): Segment[] {
  const cohorts = COHORTS.map((name) => ({ name, column: "cohort", values: [name] }));
  return [{ name: ALL }, ...(settings.source.kind === "endpoint" ? cohorts : []), ...settings.segments];
}

/** Windows are counted from 1970 UTC, so that two monitors of one length have the same ones. */
export function windowStart(atMs: number, windowMs: number): number {
  return Math.floor(atMs / windowMs) * windowMs;
}

/** What an endpoint's log calls `input_distance` and `output_delay`, references call `distance` and `delay`. */
export function nameInReference({ name, referenceColumn }: WatchedColumn): string {
  return referenceColumn ?? name.replace(/^(input|output)_/, "");
}
