/** One row a step; a data folder that never wanted the sample has a single row of position 0. */
export interface StepRow {
  position: number;
  name: string;
  state: "waiting" | "running" | "done" | "failed";
  note: string;
  /** Where a long step goes on, in its own words. */
  cursor: string;
  tries: number;
  started_ms: number | null;
  ended_ms: number | null;
}

export interface SamplesTables {
  samples_steps: StepRow;
}
