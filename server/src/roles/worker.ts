import { hostname } from "node:os";
import type { Job } from "#lib/jobs";
import type { Logger } from "#lib/log";
import type { Events } from "#ports/events";
import type { Leases } from "#ports/leases";
import { runJobs } from "./worker/run-jobs.ts";

interface WorkerDeps {
  jobs: readonly Job[];
  leases: Leases;
  events: Events;
  log: Logger;
}

/** The role that works without being asked: delivers events to subscribers and runs every module's jobs. */
export function startWorker({ jobs, leases, events, log }: WorkerDeps): { stop(): Promise<void> } {
  const holder = `${hostname()}:${process.pid}`;
  const running = runJobs({ jobs, leases, holder, log });
  events.start();
  return { stop: () => running.stop() };
}
