import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../testing/database.ts";
import { createLeases } from "../leases/database-leases.ts";
import type { DeliveredEvent, Outbox } from "./events.ts";
import { createOutbox } from "./outbox.ts";
import type { Pace } from "./pace.ts";
import { rowsBeforeGap } from "./reader.ts";

const HURRY: Partial<Pace> = { pollMs: 20, leaseMs: 300, retryFirstMs: 5, retryMostMs: 20, triesMax: 3 };
const LATER_MS = 10_000; // The machine may be busy; a pass takes milliseconds.

let db: TestDatabase;
let nowMs: number | undefined;
const opened: Outbox[] = [];

beforeEach(async () => {
  db = await openTestDatabase();
  nowMs = undefined;
});
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.stop();
  await db.close();
});

/** Another process's outbox on the same store, as far as the store can tell. */
function open(pace: Partial<Pace> = {}): Outbox {
  const log = { warn: () => {}, error: () => {} };
  const clock = { now: () => nowMs ?? Date.now() };
  const outbox = createOutbox({ db, clock, log, leases: createLeases(db), pace: { ...HURRY, ...pace } });
  opened.push(outbox);
  return outbox;
}

const event = (key: string, body: Record<string, unknown> = {}, kind = "thing.changed") => ({
  kind,
  projectId: "p1",
  key,
  body,
});

async function announce(outbox: Outbox, ...keys: string[]): Promise<void> {
  for (const key of keys) await db.transaction((tx) => outbox.announce(tx, event(key)));
}

const keysOf = (events: readonly DeliveredEvent[]) => events.map(({ key }) => key);
const soon = (check: () => void) => vi.waitFor(check, { timeout: LATER_MS, interval: 5 });

test("what was announced before the first start is delivered, whole and once", async () => {
  const outbox = open();
  await db.transaction((tx) => outbox.announce(tx, event("a", { name: "héllo" })));
  await db.transaction((tx) => outbox.announce(tx, event("b", {}, "other.happened")));
  const got: DeliveredEvent[] = [];
  outbox.subscribe("test", ["thing.changed"], async (delivered) => void got.push(delivered));
  outbox.start();
  await soon(() => expect(got).toHaveLength(1));
  expect(got[0]).toMatchObject(event("a", { name: "héllo" }));
  await announce(outbox, "c");
  await soon(() => expect(keysOf(got)).toEqual(["a", "c"]));
});

test("an event of a transaction that was rolled back is never delivered", async () => {
  const outbox = open();
  const live: DeliveredEvent[] = [];
  await outbox.follow(undefined, (delivered) => live.push(delivered));
  const failed = db.transaction(async (tx) => {
    await outbox.announce(tx, event("lost"));
    throw new Error("rule broken");
  });
  await expect(failed).rejects.toThrow("rule broken");
  await announce(outbox, "kept");
  await soon(() => expect(keysOf(live)).toEqual(["kept"]));
});

test("a body over 8 KiB and a kind that is no kind are bugs, and nothing is written", async () => {
  const outbox = open();
  const large = db.transaction((tx) => outbox.announce(tx, event("a", { text: "é".repeat(4091) })));
  await expect(large).rejects.toThrow("at most 8 KiB");
  const named = db.transaction((tx) => outbox.announce(tx, event("a", {}, "Changed")));
  await expect(named).rejects.toThrow("thing.happened");
});

test("a subscriber goes on after a restart where it was", async () => {
  const first = open();
  const got: string[] = [];
  const handler = async ({ key }: DeliveredEvent) => void got.push(key);
  first.subscribe("test", ["thing.changed"], handler);
  first.start();
  await announce(first, "a", "b");
  await soon(() => expect(got).toEqual(["a", "b"]));
  await first.stop();
  const second = open();
  await announce(second, "c");
  second.subscribe("test", ["thing.changed"], handler);
  second.start();
  await soon(() => expect(got).toEqual(["a", "b", "c"]));
});

test("a failing event is tried again, its key waits behind it in order, and all others go on", async () => {
  const outbox = open({ triesMax: 100 });
  const got: string[] = [];
  let broken = true;
  outbox.subscribe("test", ["thing.changed"], async ({ key, body }) => {
    if (key === "a" && body.n === 1 && broken) throw new Error("no answer");
    got.push(`${key}${body.n}`);
  });
  outbox.start();
  for (const [key, n] of [
    ["a", 1],
    ["a", 2],
    ["b", 1],
    ["a", 3],
    ["b", 2],
  ] as const) {
    await db.transaction((tx) => outbox.announce(tx, event(key, { n })));
  }
  await soon(() => expect(got).toEqual(["b1", "b2"]));
  broken = false;
  await soon(() => expect(got).toEqual(["b1", "b2", "a1", "a2", "a3"]));
  expect(await outbox.setAside(10)).toEqual([]);
});

test("an event that fails too often is set aside with its error, the next of its key comes, and it can be tried again", async () => {
  const outbox = open();
  const got: string[] = [];
  let tries = 0;
  let broken = true;
  outbox.subscribe("test", ["thing.changed"], async ({ body }) => {
    if (body.n === 1) tries += 1;
    if (body.n === 1 && broken) throw new Error("cannot ever work");
    got.push(String(body.n));
  });
  outbox.start();
  await db.transaction((tx) => outbox.announce(tx, event("a", { n: 1 })));
  await db.transaction((tx) => outbox.announce(tx, event("a", { n: 2 })));
  await soon(() => expect(got).toEqual(["2"]));
  expect(tries).toBe(3);
  const [kept, ...others] = await outbox.setAside(10);
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ subscriber: "test", tries: 3, error: "Error: cannot ever work" });
  broken = false;
  await outbox.tryAgain("test", kept?.event.position ?? "");
  await soon(() => expect(got).toEqual(["2", "1"]));
  expect(await outbox.setAside(10)).toEqual([]);
  await expect(outbox.tryAgain("test", kept?.event.position ?? "")).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a handler that hangs counts as failed and holds up nobody for ever", async () => {
  const outbox = open({ handlerMs: 20, triesMax: 1 });
  const got: string[] = [];
  outbox.subscribe("test", ["thing.changed"], async ({ key }) => {
    if (key === "hangs") await new Promise(() => {});
    got.push(key);
  });
  outbox.start();
  await announce(outbox, "hangs", "fine");
  await soon(() => expect(got).toEqual(["fine"]));
  expect((await outbox.setAside(10))[0]?.error).toContain("did not end");
});

test("of two processes one delivers, and the other takes over", async () => {
  const got: string[] = [];
  const both = [open(), open()].map((outbox, i) => {
    outbox.subscribe("test", ["thing.changed"], async ({ key }) => void got.push(`${key} by ${i}`));
    outbox.start();
    return outbox;
  });
  const [first, second] = both;
  if (first === undefined || second === undefined) throw new Error("two were opened");
  await announce(first, "a");
  await soon(() => expect(got).toHaveLength(1));
  const by = got[0]?.slice(-1);
  await (by === "0" ? first : second).stop();
  await announce(by === "0" ? second : first, "b");
  await soon(() => expect(got).toHaveLength(2));
  expect(got[1]).toBe(`b by ${by === "0" ? 1 : 0}`);
});

test("a process that dies between a handler's end and the cursor leaves the event to be handled again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "atrium-ledger-"));
  const ledger = join(folder, "ledger");
  const outbox = open();
  await announce(outbox, "a", "b");
  const victim = fork(join(import.meta.dirname, "../../testing/events-victim.ts"), { execArgv: [] });
  victim.send({ address: db.address, ledger });
  const [, signal] = await once(victim, "exit");
  expect(signal).toBe("SIGKILL");
  expect(readFileSync(ledger, "utf8")).toBe("a\n");
  const got: string[] = [];
  outbox.subscribe("victim", ["thing.changed"], async ({ key }) => void got.push(key));
  outbox.start();
  await soon(() => expect(got).toEqual(["a", "b"]));
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test("with twenty writers at once nothing is skipped or doubled, and each key keeps its order", async () => {
  const outbox = open();
  const durable: DeliveredEvent[] = [];
  const live: DeliveredEvent[] = [];
  const far: DeliveredEvent[] = [];
  outbox.subscribe("test", ["thing.changed"], async (delivered) => void durable.push(delivered));
  outbox.start();
  await outbox.follow(undefined, (delivered) => live.push(delivered));
  await open().follow(undefined, (delivered) => far.push(delivered));
  const writers = Array.from({ length: 20 }, async (_, writer) => {
    for (let n = 0; n < 25; n += 1) {
      const work = db.transaction(async (tx) => {
        await outbox.announce(tx, event(`w${writer}`, { n }));
        await outbox.announce(tx, event(`w${writer}`, { n: n + 0.5 }));
        if (n % 5 === 4) throw new Error("changed my mind");
      });
      await work.catch(() => {});
    }
  });
  await Promise.all(writers);
  for (const got of [durable, live, far]) {
    await soon(() => expect(got.length).toBeGreaterThanOrEqual(800));
    expect(new Set(got.map(({ position }) => position)).size).toBe(800);
    expect(got).toHaveLength(800);
    expect(got.map(({ position }) => position)).toEqual(got.map(({ position }) => position).sort());
    for (let writer = 0; writer < 20; writer += 1) {
      const order = got.filter(({ key }) => key === `w${writer}`).map(({ body }) => Number(body.n));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  }
}, 60_000);

test("a listener resumes after its position and then hears what is new, also from another process", async () => {
  const outbox = open();
  const first: DeliveredEvent[] = [];
  const unfollow = await outbox.follow(undefined, (delivered) => first.push(delivered));
  await announce(outbox, "a");
  await soon(() => expect(first).toHaveLength(1));
  unfollow();
  await announce(outbox, "b", "c");
  const again: DeliveredEvent[] = [];
  await outbox.follow(first[0]?.position, (delivered) => again.push(delivered));
  expect(keysOf(again)).toEqual(["b", "c"]);
  await announce(open(), "d");
  await soon(() => expect(keysOf(again)).toEqual(["b", "c", "d"]));
  expect(keysOf(first)).toEqual(["a"]);
});

test("a listener that throws does not keep the others from hearing", async () => {
  const outbox = open();
  const got: DeliveredEvent[] = [];
  await outbox.follow(undefined, () => {
    throw new Error("broken listener");
  });
  await outbox.follow(undefined, (delivered) => got.push(delivered));
  await announce(outbox, "a");
  await soon(() => expect(keysOf(got)).toEqual(["a"]));
});

test.each(["", "x", "-1", "0000000000000001; drop", "99999999999999999"])(
  "'%s' is no position",
  async (after) => {
    await expect(open().follow(after, () => {})).rejects.toMatchObject({ code: "invalid" });
  },
);

test("old events go when everyone has read them, and a position that went cannot be resumed after", async () => {
  const outbox = open();
  const got: DeliveredEvent[] = [];
  await outbox.follow(undefined, (delivered) => got.push(delivered));
  outbox.subscribe("test", ["thing.changed"], async () => {});
  await announce(outbox, "a", "b");
  await soon(() => expect(got).toHaveLength(2));
  nowMs = Date.now() + 2 * 24 * 60 * 60 * 1000;
  const [job] = outbox.jobs;
  const signal = new AbortController().signal;
  await db.transaction((tx) => outbox.announce(tx, event("c")));
  await soon(() => expect(got).toHaveLength(3));
  await job?.run(signal);
  await expect(outbox.follow(got[0]?.position, () => {})).rejects.toMatchObject({ reason: "gone" });
  const later: DeliveredEvent[] = [];
  await outbox.follow(got[2]?.position, (delivered) => later.push(delivered));
  expect(later).toEqual([]);
});

test("a subscriber that stands still keeps what it has not read, but not for ever", async () => {
  const outbox = open();
  const got: string[] = [];
  let broken = false;
  outbox.subscribe("test", ["thing.changed"], async ({ key }) => void got.push(key));
  outbox.start();
  await announce(outbox, "a");
  await soon(() => expect(got).toEqual(["a"]));
  await outbox.stop();
  const next = open();
  await announce(next, "b");
  const [job] = next.jobs;
  const signal = new AbortController().signal;
  const startMs = Date.now();
  nowMs = startMs + 20 * 24 * 60 * 60 * 1000;
  await job?.run(signal);
  next.subscribe("test", ["thing.changed"], async ({ key }) => {
    broken = true;
    got.push(key);
  });
  next.start();
  await soon(() => expect(got).toEqual(["a", "b"]));
  expect(broken).toBe(true);
  await next.stop();
  nowMs = startMs + 60 * 24 * 60 * 60 * 1000;
  await job?.run(signal);
  await sleep(0);
  await expect(open().follow("0000000000000001", () => {})).rejects.toMatchObject({ reason: "gone" });
});

test("rows behind a missing position wait until it is settled", () => {
  const rows = [5, 6, 8, 9, 12].map((position) => ({ position }));
  const upTo = (after: number, settled: number) =>
    rowsBeforeGap(rows, after, settled).map((row) => row.position);
  expect(upTo(4, 0)).toEqual([5, 6]);
  expect(upTo(3, 0)).toEqual([]);
  expect(upTo(4, 7)).toEqual([5, 6, 8, 9]);
  expect(upTo(4, 10)).toEqual([5, 6, 8, 9]);
  expect(upTo(0, 12)).toEqual([5, 6, 8, 9, 12]);
});
