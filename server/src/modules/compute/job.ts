import type { Job, JobState } from "@atrium/contract/compute";
import type { Ending } from "#ports/executor";
import type { JobStatus } from "./door.ts";
import type { AttemptRow, JobRow } from "./tables.ts";

const LOST_MAX = 5; // A command that ends its own shim each time looks like a lost machine, and must not run for ever.
const BACKOFF_MS = 1000;
const BACKOFF_MS_MAX = 60_000;
const SIGNALS: Record<number, string> = { 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM" };

const FINAL: readonly JobState[] = ["succeeded", "failed", "cancelled"];

export function isFinal(state: JobState): boolean {
  return FINAL.includes(state);
}

/** How an attempt ended. `lost` is nobody's fault; `unfit` is no better the next time, and is not tried again. */
export interface Outcome {
  kind: "succeeded" | "failed" | "cancelled" | "lost" | "unfit";
  exitCode: number | null;
  reason: string | null;
}

/** What an ended command means, in words for people. */
export function outcomeOf(
  ending: Ending,
  limits: { timeoutMs: number; memoryMiB: number; outputMiB: number },
): Outcome {
  const { kind, exitCode } = ending;
  const failed = (reason: string): Outcome => ({ kind: "failed", exitCode, reason });
  switch (kind) {
    case "exited":
      return exitCode === 0 ? { kind: "succeeded", exitCode, reason: null } : failed(describe(exitCode ?? 0));
    case "timeout":
      return failed(`It did not end within its limit of ${duration(limits.timeoutMs)}.`);
    case "memory":
      return failed(`It took more than its limit of ${limits.memoryMiB} MiB of memory.`);
    case "output":
      return failed(
        `It wrote more than it may: ${limits.outputMiB} MiB in its folder and log, 64 MiB of them in the log.`,
      );
    case "cancelled":
      return { kind: "cancelled", exitCode, reason: "It was cancelled." };
    case "lost":
      return { kind: "lost", exitCode, reason: "Its processes went away without a word." };
  }
}

/** What becomes of the job when an attempt has ended. */
export function after(
  job: JobRow,
  outcome: Outcome,
  given: { retries: number; nowMs: number },
): Pick<JobRow, "state" | "failures" | "due_ms" | "exit_code" | "reason" | "ended_ms"> {
  const { retries, nowMs } = given;
  const failures = job.failures + (outcome.kind === "failed" ? 1 : 0);
  const end = { failures, due_ms: job.due_ms, exit_code: outcome.exitCode, reason: outcome.reason };
  if (outcome.kind === "succeeded") return { ...end, state: "succeeded", ended_ms: nowMs };
  if (outcome.kind === "cancelled" || job.cancel_asked_ms !== null) {
    return { ...end, state: "cancelled", reason: "It was cancelled.", ended_ms: nowMs };
  }
  const again =
    outcome.kind === "lost"
      ? job.attempt - job.failures <= LOST_MAX
      : outcome.kind === "failed" && failures <= retries;
  if (!again) return { ...end, state: "failed", ended_ms: nowMs };
  const waitMs = outcome.kind === "lost" ? 0 : Math.min(BACKOFF_MS * 2 ** (failures - 1), BACKOFF_MS_MAX);
  return { ...end, state: "queued", due_ms: nowMs + waitMs, ended_ms: null };
}

/** How the attempt itself is remembered. */
export function attemptState(outcome: Outcome): JobState {
  if (outcome.kind === "succeeded" || outcome.kind === "cancelled") return outcome.kind;
  return "failed";
}

export function toStatus(row: JobRow): JobStatus {
  return {
    id: row.id,
    machine: row.machine,
    projectId: row.project_id,
    name: row.name,
    state: row.state,
    attempt: row.attempt,
    exitCode: row.exit_code,
    reason: row.reason,
    queuedMs: row.queued_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    environmentDigest: row.environment_digest,
  };
}

export function toJob(row: JobRow, command: string[]): Job {
  return {
    ...toStatus(row),
    origin: row.origin_type === "" ? null : { type: row.origin_type, id: row.origin_id },
    submittedBy: row.submitted_by,
    command,
    cores: row.cores,
    memoryMiB: row.memory_mib,
  };
}

export function toAttempt(row: AttemptRow) {
  return {
    number: row.number,
    state: row.state,
    exitCode: row.exit_code,
    reason: row.reason,
    begunMs: row.begun_ms,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    worker: row.machine,
  };
}

function describe(exitCode: number): string {
  if (exitCode === 126) return "The command cannot be run: it is no program.";
  if (exitCode === 127) return "There is no such command.";
  if (exitCode <= 128) return `The command ended with status ${exitCode}.`;
  const name = SIGNALS[exitCode - 128] ?? `signal ${exitCode - 128}`;
  return `The command was ended by ${name}.`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
