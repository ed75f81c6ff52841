import type { Job } from "#lib/jobs";
import type { Log } from "#lib/log";
import { keepLease, type Leases } from "#ports/leases";

const LEASE_MS = 30_000; // How long the rounds of a worker that died stand still; a heartbeat costs one small write.
const FIRST_ROUND_MS_MAX = 5000; // Rounds begin soon after a start, and not all in the same moment.
const JITTER = 0.1; // Keeps workers and jobs of one period from meeting again and again.

export interface JobRunnerOptions {
  jobs: readonly Job[];
  leases: Leases;
  log: Log;
  /** Names this worker in the table of leases, for people. */
  holder: string;
  leaseMs?: number;
  /** Between 0 and 1; tests choose it. */
  random?: () => number;
}

export interface JobRunner {
  /** Tells the rounds to end and resolves when they have. */
  stop(): Promise<void>;
}

/**
 * Does the rounds of every job, each in one process at a time: whoever holds the job's lease. A round whose lease is
 * lost is told to stop; what it still writes must be fenced or harmless when done twice, as `Job` says.
 */
export function runJobs(options: JobRunnerOptions): JobRunner {
  const { jobs, leases, log, holder } = options;
  const { leaseMs = LEASE_MS, random = Math.random } = options;
  const stopping = new AbortController();
  const running = jobs.map(rounds);

  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };

  async function rounds(job: Job): Promise<void> {
    await pause(Math.min(job.everyMs, FIRST_ROUND_MS_MAX) * random());
    while (!stopping.signal.aborted) {
      // The lease is held over the pause too: a job of one minute runs once a minute, however many workers there are.
      const held = await tryHolding(job);
      if (!held) await pause(Math.min(job.everyMs, leaseMs) * (1 + JITTER * random()));
    }
  }

  async function tryHolding(job: Job): Promise<boolean> {
    try {
      const lease = await leases.acquire(`jobs.${job.name}`, holder, leaseMs);
      if (lease === undefined) return false;
      const kept = keepLease({ leases, log }, lease, leaseMs);
      const signal = AbortSignal.any([kept.signal, stopping.signal]);
      while (!signal.aborted) {
        await round(job, signal);
        await pause(job.everyMs * (1 + JITTER * (random() - 0.5)), signal);
      }
      await kept.letGo();
      return true;
    } catch (thrown) {
      log.warn("A job could not ask for its lease.", { job: job.name, error: thrown });
      return false;
    }
  }

  async function round(job: Job, signal: AbortSignal): Promise<void> {
    try {
      await job.run(signal);
    } catch (thrown) {
      if (!signal.aborted)
        log.error("A round of a job failed; the next one tries again.", { job: job.name, error: thrown });
    }
  }

  function pause(ms: number, signal: AbortSignal = stopping.signal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
