import type { Clock } from "#lib/clock";
import { AppError, assert } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Log } from "#lib/log";
import type { Database, Tx } from "#ports/database";
import type { Leases } from "#ports/leases";
import { deliveredOf, readPosition } from "./delivered.ts";
import type { DomainEvent, Outbox, SetAside } from "./events.ts";
import { type Pace, usualPace } from "./pace.ts";
import * as queries from "./queries.ts";
import { retentionJob } from "./retention.ts";
import { createSubscriber, type Subscriber } from "./subscriber.ts";
import { createTail } from "./tail.ts";

const BODY_BYTES_MAX = 8 * 1024; // News says what happened to what; who wants more asks the module.
const KIND = /^[a-z][a-z-]*(\.[a-z][a-z-]*)+$/;

export interface OutboxDeps {
  db: Database;
  clock: Clock;
  log: Log;
  leases: Leases;
  pace?: Partial<Pace>;
}

/** News as rows of the store, written with the change they tell of; readers poll, and are woken in this process. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { db, clock, log, leases } = deps;
  const pace = { ...usualPace(db.engine), ...deps.pace };
  const tail = createTail({ db, log, pace });
  const subscribers = new Map<string, Subscriber>();
  const stopping = new AbortController();
  const holder = newId();
  let running: Promise<void>[] | undefined;

  return {
    announce,
    subscribe: (name, kinds, handler) => {
      assert(!subscribers.has(name), `subscriber ${name} has one handler`);
      assert(running === undefined, `subscriber ${name} comes before start`);
      assert(kinds.length > 0 && kinds.every((kind) => KIND.test(kind)), `subscriber ${name} names kinds`);
      const parts = { db, clock, log, leases, pace, holder };
      subscribers.set(name, createSubscriber(parts, { name, kinds, handler }));
    },
    follow: tail.follow,
    start: () => {
      running ??= [...subscribers.values()].map((subscriber) => subscriber.run(stopping.signal));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([tail.stop(), ...(running ?? [])]);
    },
    setAside: async (limit) => (await queries.setAside(db.reader, limit)).map(setAsideOf),
    tryAgain,
    jobs: [retentionJob(db, clock)],
  };

  async function announce(tx: Tx, event: DomainEvent): Promise<void> {
    const body = JSON.stringify(event.body);
    assert(KIND.test(event.kind), `an event is named thing.happened: ${event.kind}`);
    assert(Buffer.byteLength(body) <= BODY_BYTES_MAX, `the body of ${event.kind} is at most 8 KiB`);
    const { kind, projectId, key } = event;
    await queries.add(tx, { kind, project_id: projectId, key, body, at_ms: clock.now() });
    tx.afterCommit(() => wake(kind));
  }

  /** Only who takes such news: every wake costs a subscriber two reads, and most changes are of one's own. */
  function wake(kind: string): void {
    tail.wake();
    if (running === undefined) return;
    for (const subscriber of subscribers.values()) if (subscriber.takes(kind)) subscriber.wake();
  }

  async function tryAgain(subscriber: string, position: string): Promise<void> {
    const found = await db.transaction((tx) => queries.tryAgain(tx, subscriber, readPosition(position)));
    if (!found) throw new AppError("not_found", `No event ${position} of ${subscriber} is set aside.`);
    subscribers.get(subscriber)?.wake();
  }
}

function setAsideOf(row: queries.ParkedRow): SetAside {
  const { subscriber, tries, error, set_aside_ms } = row;
  return { subscriber, event: deliveredOf(row), tries, error: error ?? "", setAsideMs: set_aside_ms ?? 0 };
}
