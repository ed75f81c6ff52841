import { AppError } from "#lib/errors";
import type { Attempts } from "./attempt.ts";
import type { Bell } from "./bell.ts";
import type { ComputeDeps } from "./deps.ts";
import * as queries from "./queries.ts";
import type { JobRow } from "./tables.ts";
import type { Transitions } from "./transitions.ts";

const LOOK_EVERY_MS = 1000; // Jobs and cancellations that another process wrote are seen by looking.
const AT_ONCE_MAX = 64; // Each costs us memory, however small it is for the machine.

/** Takes jobs of the queue as there is room, and sees each through. One runs for a machine at a time: under a lease. */
export function createRunner(
  deps: ComputeDeps,
  given: { transitions: Transitions; attempts: Attempts; bell: Bell },
): { run(signal: AbortSignal): Promise<void> } {
  const { db, clock, log, executor } = deps;
  const { transitions, attempts, bell } = given;

  return {
    async run(signal) {
      const underWay = new Map<string, { cancel: AbortController; done: Promise<void> }>();
      const begin = (job: JobRow, how: "fresh" | "taken over"): void => {
        const cancel = new AbortController();
        const done = attempts
          .see(job, { how, cancelled: cancel.signal, stopping: signal })
          .catch((thrown: unknown) => {
            if (isFenced(thrown) || signal.aborted) return;
            log.error("A job could not be seen through; it is taken up again.", {
              job: job.id,
              error: thrown,
            });
          })
          .finally(() => {
            underWay.delete(job.id);
            bell.ring();
          });
        underWay.set(job.id, { cancel, done });
      };
      await clearAway();
      while (!signal.aborted) {
        // What is ours and nobody sees through: after a restart all of it, later what broke off.
        for (const job of await queries.activeOn(db.reader, executor.machine)) {
          if (!underWay.has(job.id)) begin(await takeOver(job), "taken over");
        }
        for (const id of await queries.cancelledOn(db.reader, executor.machine)) {
          underWay.get(id)?.cancel.abort();
        }
        while (!signal.aborted && underWay.size < AT_ONCE_MAX) {
          const job = await claim();
          if (job === undefined) break;
          begin(job, "fresh");
        }
        await bell.wait(LOOK_EVERY_MS, signal);
      }
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };

  /** The oldest that waits, when there is room for it. It is not overtaken by smaller ones, or it might wait for ever. */
  async function claim(): Promise<JobRow | undefined> {
    return db.transaction(async (tx) => {
      await tx.serialize("compute.queue");
      const next = await queries.nextInQueue(tx, { nowMs: clock.now(), ...executor.capacity });
      if (next === undefined) return undefined;
      const inUse = await queries.roomInUse(tx, executor.machine);
      const fits =
        next.cores === 0 ||
        (inUse.cores + next.cores <= executor.capacity.cores &&
          inUse.memoryMiB + next.memory_mib <= executor.capacity.memoryMiB);
      return fits ? transitions.claimed(tx, next, executor.machine) : undefined;
    });
  }

  async function takeOver(job: JobRow): Promise<JobRow> {
    return db.transaction((tx) => transitions.takenOver(tx, job));
  }

  /** Attempts that nobody will ask about any more: the server was killed between their end and their removal. */
  async function clearAway(): Promise<void> {
    const wanted = new Set<string>();
    for (const job of await queries.activeOn(db.reader, executor.machine)) {
      const attempt = await queries.attemptOf(db.reader, job.id, job.attempt);
      if (attempt !== undefined) wanted.add(attempt.executor_id);
    }
    for (const id of await executor.list()) {
      if (!wanted.has(id)) await executor.remove(id);
    }
  }
}

function isFenced(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.reason === "fenced";
}
