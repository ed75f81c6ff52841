import type { PipelineStep, StepState } from "@atrium/contract/pipelines";

/** How a state looks: a tone of statuses, a word, and the colour of boxes and bars. */
export const STEP_LOOKS: Record<StepState, { status: string; word: string; colour: string }> = {
  pending: { status: "queued", word: "Pending", colour: "var(--line-strong)" },
  queued: { status: "queued", word: "Queued", colour: "var(--queued)" },
  running: { status: "running", word: "Running", colour: "var(--running)" },
  waiting: { status: "queued", word: "Tries again soon", colour: "var(--warn)" },
  succeeded: { status: "succeeded", word: "Finished", colour: "var(--good)" },
  cached: { status: "succeeded", word: "Cached", colour: "var(--series-4)" },
  skipped: { status: "queued", word: "Skipped", colour: "var(--line-strong)" },
  failed: { status: "failed", word: "Failed", colour: "var(--bad)" },
  cancelled: { status: "cancelled", word: "Cancelled", colour: "var(--warn)" },
};

const KINDS: Record<PipelineStep["kind"], string> = {
  code: "Step",
  import: "Import",
  group: "Group",
  loop: "Loop",
  iteration: "Iteration",
};

export function kindWord(kind: PipelineStep["kind"]): string {
  return KINDS[kind];
}

/** Whether a step is a box that others stand in. */
export function holdsOthers(kind: PipelineStep["kind"]): boolean {
  return kind === "group" || kind === "loop" || kind === "iteration";
}
