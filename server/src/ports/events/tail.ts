import { AppError } from "#lib/errors";
import type { Log } from "#lib/log";
import type { Database } from "#ports/database";
import { deliveredOf, readPosition } from "./delivered.ts";
import type { DeliveredEvent } from "./events.ts";
import type { Pace } from "./pace.ts";
import * as queries from "./queries.ts";
import { createReader } from "./reader.ts";

const BATCH = 500;
const BACKLOG_MAX = 10_000; // Who missed more than this loads afresh, in less time than the news would take.

type Listener = (event: DeliveredEvent) => void;

interface Follower {
  listener: Listener;
  position: number;
  /** False while it catches up by itself. */
  live: boolean;
}

export interface Tail {
  follow(after: string | undefined, listener: Listener): Promise<() => void>;
  /** There is news. */
  wake(): void;
  stop(): Promise<void>;
}

/** One reader of the outbox a process, which feeds all live listeners; without listeners it reads nothing. */
export function createTail(deps: { db: Database; log: Log; pace: Pace }): Tail {
  const { db, log, pace } = deps;
  const reader = createReader(db);
  const followers = new Set<Follower>();
  let position = 0;
  let starting: Promise<void> | undefined;
  let pumping: Promise<void> | undefined;
  let isStale = false;
  let timer: NodeJS.Timeout | undefined;

  return { follow, wake: pump, stop };

  async function follow(after: string | undefined, listener: Listener): Promise<() => void> {
    const from = after === undefined ? undefined : readPosition(after);
    const follower: Follower = { listener, position: 0, live: false };
    followers.add(follower);
    try {
      await start();
      if (from !== undefined) await assertReachable(from);
      follower.position = from ?? position;
      follower.live = from === undefined;
      while (!follower.live) await catchUp(follower);
    } catch (thrown) {
      leave(follower);
      throw thrown;
    }
    pump();
    return () => leave(follower);
  }

  function leave(follower: Follower): void {
    followers.delete(follower);
    if (followers.size === 0) rest();
  }

  /** Whoever comes next starts from what is the head then. */
  function rest(): void {
    clearTimeout(timer);
    starting = undefined;
  }

  function start(): Promise<void> {
    starting ??= Promise.resolve(pumping)
      .then(reader.head)
      .then(
        (head) => {
          position = head;
          schedule(pace.pollMs);
        },
        (thrown) => {
          starting = undefined;
          throw thrown;
        },
      );
    return starting;
  }

  async function assertReachable(after: number): Promise<void> {
    const range = { after, through: position };
    const gone = !(await queries.isKept(db.reader, after));
    if (!gone && !(await queries.isFurtherThan(db.reader, range, BACKLOG_MAX))) return;
    throw new AppError("not_found", "That position is too long ago; load afresh and follow without one.", {
      reason: "gone",
      at: "after",
    });
  }

  /** Everything up to the tail's position is settled, so it can be read plainly. */
  async function catchUp(follower: Follower): Promise<void> {
    const rows = await queries.between(db.reader, { after: follower.position, through: position }, BATCH);
    for (const row of rows) tell(follower, row.position, deliveredOf(row));
    follower.live = rows.length < BATCH && (rows.at(-1)?.position ?? position) >= position;
    if (rows.length === 0) follower.live = true;
  }

  function pump(): void {
    isStale = true;
    if (starting === undefined || followers.size === 0) return;
    pumping ??= drain().finally(() => {
      pumping = undefined;
    });
  }

  async function drain(): Promise<void> {
    try {
      while (isStale) {
        isStale = false;
        const { rows, held } = await reader.read(position, BATCH);
        for (const row of rows) {
          const event = deliveredOf(row);
          position = row.position;
          for (const follower of followers) if (follower.live) tell(follower, position, event);
        }
        if (rows.length === BATCH) isStale = true;
        if (held && followers.size > 0) schedule(pace.heldMs);
      }
    } catch (thrown) {
      log.warn("Live news could not be read; trying again.", { error: String(thrown) });
    }
  }

  function tell(follower: Follower, at: number, event: DeliveredEvent): void {
    if (at <= follower.position) return;
    follower.position = at;
    try {
      follower.listener(event);
    } catch (thrown) {
      log.error("A listener of live news failed.", { kind: event.kind, error: String(thrown) });
    }
  }

  function schedule(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      schedule(pace.pollMs);
      pump();
    }, afterMs);
    timer.unref();
  }

  async function stop(): Promise<void> {
    followers.clear();
    await pumping;
    rest();
  }
}
