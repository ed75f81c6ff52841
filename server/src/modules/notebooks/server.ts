import type { NotebookServer } from "@atrium/contract/notebooks";
import type { JobStatus } from "./deps.ts";
import type { Activity } from "./jupyter.ts";
import { START_MS } from "./limits.ts";
import type { ServerRow } from "./tables.ts";

/** What a server's job is done for, as jobs tell it. */
export const SERVER_ORIGIN = "notebook-server";

/** Whether somebody who asks to start may be told: it is there. */
export function isStanding(row: ServerRow, job: JobStatus | undefined): boolean {
  return job !== undefined && !isOver(job) && row.stop_asked_ms === null && row.given_up_ms === null;
}

export function isOver({ state }: JobStatus): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** What people see of a server: its job's state, and what Jupyter itself says. */
export function toServer(
  row: ServerRow,
  {
    job,
    activity,
    url,
    nowMs,
  }: { job: JobStatus | undefined; activity: Activity | undefined; url: string; nowMs: number },
): NotebookServer {
  const state = stateOf(row, job, activity);
  return {
    id: row.id,
    userId: row.user_id,
    userName: row.user_name,
    state,
    step: stepOf(state, job),
    url,
    jobId: row.job_id,
    requirements: JSON.parse(row.requirements) as string[],
    startedMs: row.started_ms,
    endedMs: job?.endedMs ?? row.ended_ms,
    reason: reasonOf(row, state, job),
    activeMs: activity?.activeMs ?? job?.endedMs ?? Math.min(nowMs, job?.startedMs ?? row.started_ms),
    stopsMs: activity?.stopsMs ?? null,
    kernels: activity?.kernels ?? 0,
    busyKernels: activity?.busyKernels ?? 0,
  };
}

function stateOf(
  row: ServerRow,
  job: JobStatus | undefined,
  activity: Activity | undefined,
): NotebookServer["state"] {
  if (row.given_up_ms !== null) return "failed";
  if (job === undefined) return "stopped"; // Its job was removed with an old project's.
  if (job.state === "failed") return row.stop_asked_ms === null ? "failed" : "stopped";
  if (isOver(job)) return "stopped";
  if (row.stop_asked_ms !== null) return "stopping";
  return job.state === "running" && activity !== undefined ? "running" : "starting";
}

function stepOf(state: NotebookServer["state"], job: JobStatus | undefined): string {
  if (state !== "starting" || job === undefined) return STEPS[state];
  if (job.state === "preparing")
    return "The environment is made ready: packages are installed the first time.";
  if (job.state === "running") return "Jupyter starts.";
  return job.attempt > 0 ? "It ended unexpectedly and is started again." : "It waits to be taken up.";
}

const GIVEN_UP = `Jupyter did not answer within ${START_MS / 60_000} minutes of its start and was ended. Its job's log says how far it came; start it again, without packages of your own if it had some.`;

const STEPS: Record<NotebookServer["state"], string> = {
  starting: "It starts.",
  running: "It runs.",
  stopping: "It stops.",
  stopped: "It is stopped.",
  failed: "It could not go on.",
};

function reasonOf(
  { given_up_ms }: ServerRow,
  state: NotebookServer["state"],
  job: JobStatus | undefined,
): string | null {
  if (given_up_ms !== null) return GIVEN_UP;
  if (state === "failed") return job?.reason ?? null;
  if (state === "stopped" && job?.state === "succeeded") return "Nobody had used it for a while.";
  return null;
}
