import type { Json, Plan } from "../plan.ts";

export interface Artifact {
  name: string;
  schemaTitle: string;
  schemaVersion: string;
  uri: string;
  metadata: Readonly<Record<string, Json>>;
  /** Below the project's artifacts, when it is stored here. */
  path?: string | undefined;
  /** Of its content, when it is stored here. */
  digest?: string | undefined;
}

export interface Values {
  readonly parameters: Readonly<Record<string, Json>>;
  readonly artifacts: Readonly<Record<string, readonly Artifact[]>>;
}

/**
 * `commanded`: a start was commanded and nobody has carried it out. `submitted`: it is a job. `waiting`: it failed and
 * is tried again after a pause.
 */
export type NodeState =
  | "pending"
  | "commanded"
  | "submitted"
  | "running"
  | "waiting"
  | "succeeded"
  | "cached"
  | "skipped"
  | "failed"
  | "cancelled";

/** One thing of a run: a step, a graph of things, or a loop over one of both. */
export interface Node {
  readonly path: string;
  readonly parent: string;
  /** The task's name; of an iteration its number. */
  readonly name: string;
  readonly kind: "code" | "importer" | "dag" | "loop";
  readonly component: string;
  /** Set for what a loop repeats. */
  readonly iteration?: number | undefined;
  readonly state: NodeState;
  /** Counts starts of a step over the whole run; 0: none yet. */
  readonly attempt: number;
  /** How many of them do not count for its retry policy: they were before the run was retried by hand. */
  readonly attemptsForgiven: number;
  /** Resolved when it began; an iteration has its loop's, with an item. */
  readonly inputs?: Values | undefined;
  readonly outputs?: Values | undefined;
  /** Of a loop that has begun. */
  readonly iterations?: number | undefined;
  readonly reason?: string | undefined;
  readonly jobId?: string | undefined;
  readonly cachedFrom?: { readonly runId: string; readonly path: string } | undefined;
  readonly startedMs?: number | undefined;
  readonly endedMs?: number | undefined;
}

export type Phase = "running" | "cancelling" | "succeeded" | "failed" | "cancelled";

export interface RunState {
  readonly plan: Plan;
  /** What placeholders and final states tell of the run. */
  readonly run: RunFacts;
  readonly phase: Phase;
  /** By path; the run's own graph is at "". Insertion order is the order of creation. */
  readonly nodes: ReadonlyMap<string, Node>;
}

export interface RunFacts {
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly cache: "as-compiled" | "off";
  /** How addresses of the project's own files begin. */
  readonly artifactRoot: string;
}

/** What happened, with the time at which it was written down. */
export type RunEvent = { readonly atMs: number } & (
  | { readonly kind: "started"; readonly parameters: Readonly<Record<string, Json>> }
  | ({ readonly kind: "submitted"; readonly jobId: string } & StepRef)
  | ({ readonly kind: "running" } & StepRef)
  | ({ readonly kind: "succeeded"; readonly outputs: Values } & StepRef)
  | ({
      readonly kind: "cached";
      readonly outputs: Values;
      readonly from: { readonly runId: string; readonly path: string };
    } & StepRef)
  /** `final`: another try would end the same way. */
  | ({ readonly kind: "failed"; readonly reason: string; readonly again: "by-policy" | "final" } & StepRef)
  /** Its job was cancelled, by the run or by somebody else. */
  | ({ readonly kind: "stopped" } & StepRef)
  | ({ readonly kind: "waited" } & StepRef)
  | { readonly kind: "cancel"; readonly by: string }
  | { readonly kind: "retry"; readonly by: string }
);

export interface StepRef {
  readonly path: string;
  readonly attempt: number;
  /** Of whom the news is, when it is a job's: an attempt's number comes again when a graph is done over. */
  readonly jobId?: string | undefined;
}

/** What is to be done outside; each is answered by an event. */
export type Command =
  /** Answered by `submitted`, `cached` or `failed`. */
  | ({ readonly kind: "start" } & StepRef)
  /** Answered by `stopped`, or whatever the job comes to before. */
  | ({ readonly kind: "cancel"; readonly jobId: string } & StepRef)
  /** Answered by `waited`. */
  | ({ readonly kind: "wait"; readonly untilMs: number } & StepRef);

const FINAL: ReadonlySet<NodeState> = new Set(["succeeded", "cached", "skipped", "failed", "cancelled"]);

export function isFinal({ state }: Pick<Node, "state">): boolean {
  return FINAL.has(state);
}

export function isGood({ state }: Pick<Node, "state">): boolean {
  return state === "succeeded" || state === "cached";
}

export function hasEnded(phase: Phase): boolean {
  return phase !== "running" && phase !== "cancelling";
}

/** A run of which nothing is known yet but what it is to be. */
export function newRunState(plan: Plan, run: RunFacts): RunState {
  return { plan, run, phase: "running", nodes: new Map() };
}
