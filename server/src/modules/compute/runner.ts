import { AppError } from "#lib/errors";
import type { Attempts } from "./attempt.ts";
import type { Bell } from "./bell.ts";
import type { ComputeDeps } from "./deps.ts";
import * as queries from "./queries.ts";
import { createRooms, type RoomAsked, type Rooms } from "./rooms.ts";
import { type JobSpec, jobSpec } from "./spec.ts";
import type { JobRow } from "./tables.ts";
import type { Transitions } from "./transitions.ts";

const LOOK_EVERY_MS = 1000; // Jobs and cancellations that another process wrote are seen by looking.
const AT_ONCE_MAX = 64; // Each costs us memory, however small it is for the machine.
const BUILDING_MAX = 8; // Jobs that wait for their environment or for room; one build keeps the network busy by itself.

/** Whether what a job asks to run in is there, so that it can begin at once. */
type Stands = (spec: Pick<JobSpec, "requirements" | "alone" | "besides">) => Promise<boolean>;

/** Takes jobs of the queue as there is room, and sees each through. One runs for a machine at a time: under a lease. */
export function createRunner(
  deps: ComputeDeps,
  given: { transitions: Transitions; attempts: Attempts; bell: Bell; stands: Stands },
): { run(signal: AbortSignal): Promise<void> } {
  const { db, clock, log, executor } = deps;
  const { transitions, attempts, bell, stands } = given;

  return {
    async run(signal) {
      const underWay = new Map<string, { cancel: AbortController; done: Promise<void> }>();
      const rooms = createRooms(executor.capacity);
      const begin = (job: JobRow, how: "fresh" | "taken over"): void => {
        const cancel = new AbortController();
        const done = attempts
          .see(job, {
            ...{ how, cancelled: cancel.signal, stopping: signal },
            room: (until) => rooms.wait(roomFor(job), until),
          })
          .catch((thrown: unknown) => {
            if (isFenced(thrown) || signal.aborted) return;
            log.error("A job could not be seen through; it is taken up again.", {
              job: job.id,
              error: thrown,
            });
          })
          .finally(() => {
            underWay.delete(job.id);
            rooms.release(job.id);
            bell.ring();
          });
        underWay.set(job.id, { cancel, done });
      };
      await clearAway();
      while (!signal.aborted) {
        // What is ours and nobody sees through: after a restart all of it, later what broke off.
        for (const job of await queries.activeOn(db.reader, executor.machine)) {
          if (underWay.has(job.id)) continue;
          if (job.state === "running") rooms.grant(roomFor(job));
          begin(await takeOver(job), "taken over");
        }
        for (const id of await queries.cancelledOn(db.reader, executor.machine)) {
          underWay.get(id)?.cancel.abort();
        }
        while (!signal.aborted && underWay.size < AT_ONCE_MAX) {
          const building = [...underWay.keys()].filter((id) => !rooms.has(id)).length;
          const job = await claim(rooms, building);
          if (job === undefined) break;
          begin(job, "fresh");
        }
        await bell.wait(LOOK_EVERY_MS, signal);
      }
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };

  /** The oldest that waits, when there is room for it, or when what it runs in has to be made first. */
  async function claim(rooms: Rooms, building: number): Promise<JobRow | undefined> {
    const next = await queries.nextInQueue(db.reader, { nowMs: clock.now(), ...executor.capacity });
    if (next === undefined) return undefined;
    // What keeps us from finding out keeps the job from beginning too, and is said there.
    const isReady = await stands(jobSpec.parse(JSON.parse(next.spec))).catch(() => true);
    if (isReady ? !rooms.take(roomFor(next)) : building >= BUILDING_MAX) return undefined;
    try {
      const mine = await db.transaction(async (tx) => {
        const standing = await queries.jobToChange(tx, next.id);
        if (standing?.state !== "queued" || standing.fence !== next.fence) return undefined;
        return transitions.claimed(tx, standing, executor.machine);
      });
      if (mine === undefined) rooms.release(next.id);
      return mine;
    } catch (thrown) {
      rooms.release(next.id);
      throw thrown;
    }
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

function roomFor(job: JobRow): RoomAsked {
  return { id: job.id, dueMs: job.due_ms, cores: job.cores, memoryMiB: job.memory_mib };
}

function isFenced(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.reason === "fenced";
}
