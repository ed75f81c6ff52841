import { createAttempts } from "./attempt.ts";
import { createBell } from "./bell.ts";
import type { ComputeDeps } from "./deps.ts";
import type { Compute } from "./door.ts";
import { createEnvironments } from "./environments.ts";
import { createJobLogs } from "./job-logs.ts";
import { createJobs } from "./jobs.ts";
import { createRunner } from "./runner.ts";
import { createTransitions } from "./transitions.ts";

/** What the worker does for compute; `computeJobs` puts it on a timetable. */
export interface ComputeKeeping {
  machine: string;
  /** Runs this machine's jobs until `signal` aborts; those under way go on without us. */
  runJobs(signal: AbortSignal): Promise<void>;
  sweep(signal: AbortSignal): Promise<void>;
}

/** Environments, and jobs that run in them on this machine. */
export function createCompute(deps: ComputeDeps): Compute & { readonly keeping: ComputeKeeping } {
  const environments = createEnvironments({ ...deps, machine: deps.executor.machine });
  const transitions = createTransitions(deps);
  const bell = createBell();
  const logs = createJobLogs(deps, createBell());
  const attempts = createAttempts({ ...deps, environments }, { transitions, logs });
  const { stands } = environments;
  const runner = createRunner(deps, { transitions, attempts, bell, stands });
  return {
    environments,
    jobs: createJobs(deps, { transitions, bell, logs }),
    keeping: { machine: deps.executor.machine, runJobs: runner.run, sweep: environments.sweep },
  };
}
