import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import type { Log } from "#lib/log";
import type { Database } from "#ports/database";
import { type KeptLease, keepLease, type Leases } from "#ports/leases";
import { createBell } from "./bell.ts";
import { deliveredOf } from "./delivered.ts";
import type { DeliveredEvent } from "./events.ts";
import type { Pace } from "./pace.ts";
import * as queries from "./queries.ts";
import { createReader } from "./reader.ts";

const BATCH = 200; // As many are handled again after a crash at the wrong moment.
const PARKED_MAX = 1000; // With more in trouble the subscriber itself is broken: it waits instead of parking on.
const CURSOR_AT_LEAST_EVERY_MS = 60_000; // Events of other kinds move the cursor too, but not with a write each.
const ERROR_CHARACTERS_MAX = 2000;

export interface Subscription {
  name: string;
  kinds: readonly string[];
  handler(event: DeliveredEvent): Promise<void>;
}

export interface SubscriberDeps {
  db: Database;
  clock: Clock;
  log: Log;
  leases: Leases;
  pace: Pace;
  holder: string;
}

export interface Subscriber {
  /** Delivers until `signal` aborts, whenever this process holds the subscriber's lease. */
  run(signal: AbortSignal): Promise<void>;
  takes(kind: string): boolean;
  wake(): void;
}

/**
 * One durable reader of the outbox. It handles events one after the other; one that fails is parked and tried again,
 * later ones of its key wait behind it, and all others go on. Its cursor moves in transactions that a process which
 * lost the lease can no longer commit.
 */
export function createSubscriber(deps: SubscriberDeps, subscription: Subscription): Subscriber {
  const { db, clock, log, leases, pace } = deps;
  const { name } = subscription;
  const kinds = new Set(subscription.kinds);
  const bell = createBell();

  return { run, takes: (kind) => kinds.has(kind), wake: bell.ring };

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const lease = await leases.acquire(`events.${name}`, deps.holder, pace.leaseMs);
        if (lease === undefined) await bell.wait(pace.leaseMs / 3, signal);
        else await deliverWhileHeld(keepLease({ leases, log }, lease, pace.leaseMs), signal);
      } catch (thrown) {
        log.error("News could not be delivered; trying again.", { subscriber: name, error: String(thrown) });
        await bell.wait(pace.retryFirstMs, signal);
      }
    }
  }

  async function deliverWhileHeld(lease: KeptLease, stopping: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([lease.signal, stopping]);
    const reader = createReader(db);
    let position = await queries.cursor(db.reader, name);
    let savedMs = clock.now();
    try {
      await save(lease, position); // Retention waits for who has a cursor.
      while (!signal.aborted) {
        const parked = await queries.parked(db.reader, name, PARKED_MAX);
        const nextTryMs = await tryParked(lease, parked, signal);
        const isFull = parked.length >= PARKED_MAX;
        const batch = isFull ? { rows: [], held: false } : await reader.read(position, BATCH);
        const { rows, held } = batch;
        const blocked = new Set(parked.map((row) => row.key));
        const handled = await handleBatch(lease, { rows, blocked, signal });
        position = handled.position ?? position;
        const isDue = clock.now() - savedMs >= CURSOR_AT_LEAST_EVERY_MS;
        if (handled.position !== undefined && (handled.any || isDue)) {
          await save(lease, position);
          savedMs = clock.now();
        }
        const more = rows.length === BATCH || (parked.length > 0 && nextTryMs <= clock.now());
        if (!more)
          await bell.wait(Math.min(held ? pace.heldMs : pace.pollMs, nextTryMs - clock.now()), signal);
      }
    } finally {
      await lease.letGo();
    }
  }

  /** The first of each key whose time has come; answers when the next one's comes. */
  async function tryParked(
    lease: KeptLease,
    parked: readonly queries.ParkedRow[],
    signal: AbortSignal,
  ): Promise<number> {
    let nextTryMs = Number.POSITIVE_INFINITY;
    const seen = new Set<string>();
    for (const row of parked) {
      if (seen.has(row.key) || signal.aborted) continue;
      seen.add(row.key);
      if (row.next_try_ms > clock.now()) {
        nextTryMs = Math.min(nextTryMs, row.next_try_ms);
        continue;
      }
      const error = await attempt(row);
      if (error !== undefined) await park(lease, row, { tries: row.tries + 1, error });
      else {
        await db.transaction(async (tx) => {
          await leases.assertFence(tx, lease);
          await queries.unpark(tx, name, row.position);
        });
      }
      nextTryMs = Math.min(nextTryMs, clock.now()); // Look again: the next of its key may go now.
    }
    return nextTryMs;
  }

  async function handleBatch(
    lease: KeptLease,
    batch: { rows: readonly queries.EventRow[]; blocked: Set<string>; signal: AbortSignal },
  ): Promise<{ position: number | undefined; any: boolean }> {
    let position: number | undefined;
    let any = false;
    for (const row of batch.rows) {
      if (batch.signal.aborted) break;
      if (kinds.has(row.kind)) {
        const isBlocked = batch.blocked.has(row.key);
        const error = isBlocked ? undefined : await attempt(row);
        if (isBlocked || error !== undefined) {
          await park(lease, row, { tries: isBlocked ? 0 : 1, error, cursor: row.position });
          batch.blocked.add(row.key);
        }
        any = true;
      }
      position = row.position;
    }
    return { position, any };
  }

  /** @returns what went wrong, if something did */
  async function attempt(row: queries.EventRow): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const seconds = Math.ceil(pace.handlerMs / 1000);
      timer = setTimeout(
        () => reject(new AppError("unavailable", `The handler did not end within ${seconds} seconds.`)),
        pace.handlerMs,
      );
    });
    try {
      await Promise.race([subscription.handler(deliveredOf(row)), late]);
      return undefined;
    } catch (thrown) {
      return String(thrown).slice(0, ERROR_CHARACTERS_MAX);
    } finally {
      clearTimeout(timer);
    }
  }

  async function park(
    lease: KeptLease,
    row: queries.EventRow,
    outcome: { tries: number; error?: string | undefined; cursor?: number },
  ): Promise<void> {
    const { position, kind, project_id, key, body, at_ms } = row;
    const { tries, error = null } = outcome;
    const pauseMs = tries === 0 ? 0 : Math.min(pace.retryFirstMs * 2 ** (tries - 1), pace.retryMostMs);
    const isOver = tries >= pace.triesMax;
    const about = { subscriber: name, kind, position, tries, error };
    if (isOver) log.error("An event was set aside: its subscriber failed too often.", about);
    else if (tries > 0) log.warn("An event could not be handled and is tried again.", about);
    await db.transaction(async (tx) => {
      await leases.assertFence(tx, lease);
      await queries.park(tx, {
        ...{ position, kind, project_id, key, body, at_ms },
        ...{ subscriber: name, tries, error },
        next_try_ms: clock.now() + pauseMs,
        set_aside_ms: isOver ? clock.now() : null,
      });
      if (outcome.cursor === undefined) return;
      await queries.saveCursor(tx, { subscriber: name, position: outcome.cursor, moved_ms: clock.now() });
    });
  }

  async function save(lease: KeptLease, position: number): Promise<void> {
    await db.transaction(async (tx) => {
      await leases.assertFence(tx, lease);
      await queries.saveCursor(tx, { subscriber: name, position, moved_ms: clock.now() });
    });
  }
}
