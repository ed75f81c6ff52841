import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import type { Lease, Leases } from "#ports/leases";
import { createLeases } from "../../ports/leases/database-leases.ts";
import { openTestDatabase } from "../../testing/database.ts";
import { type JobRunner, runJobs } from "./run-jobs.ts";

const LATER_MS = 10_000;
const soon = (check: () => void) => vi.waitFor(check, { timeout: LATER_MS, interval: 5 });

let db: Database;
let leases: Leases;
let said: string[];
const runners: JobRunner[] = [];

beforeEach(async () => {
  db = await openTestDatabase();
  leases = createLeases(db);
  said = [];
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  await db.close();
});

function start(jobs: Job[], given: { holder?: string; leases?: Leases; leaseMs?: number } = {}): JobRunner {
  const log = { warn: (text: string) => said.push(text), error: (text: string) => said.push(text) };
  const runner = runJobs({ jobs, leases, log, holder: "one", leaseMs: 300, random: () => 0.5, ...given });
  runners.push(runner);
  return runner;
}

test("a job runs again and again, and a round that fails is told and does not end it", async () => {
  let rounds = 0;
  const run = async () => {
    rounds += 1;
    if (rounds === 2) throw new Error("no disk");
  };
  start([{ name: "test", everyMs: 5, run }]);
  await soon(() => expect(rounds).toBeGreaterThan(3));
  expect(said).toEqual(["A round of a job failed; the next one tries again."]);
});

test("with two workers a job runs in one of them at a time, and the other takes over when it stops", async () => {
  let inside = 0;
  let most = 0;
  const by: string[] = [];
  const job = (holder: string): Job => ({
    name: "test",
    everyMs: 5,
    run: async () => {
      inside += 1;
      most = Math.max(most, inside);
      by.push(holder);
      await sleep(3);
      inside -= 1;
    },
  });
  const one = start([job("one")], { holder: "one" });
  const two = start([job("two")], { holder: "two" });
  await soon(() => expect(by.length).toBeGreaterThan(5));
  expect(new Set(by).size).toBe(1);
  await (by[0] === "one" ? one : two).stop();
  await soon(() => expect(new Set(by).size).toBe(2));
  expect(most).toBe(1);
});

test("stopping tells the round and waits for its end", async () => {
  let ended = false;
  let begun = false;
  const run = async (signal: AbortSignal) => {
    begun = true;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await sleep(10);
    ended = true;
  };
  const runner = start([{ name: "test", everyMs: 5, run }]);
  await soon(() => expect(begun).toBe(true));
  await runner.stop();
  expect(ended).toBe(true);
  expect(await leases.acquire("jobs.test", "another", 1000)).toBeDefined();
});

test("a worker that was paused past its lease is told, and what it still writes fails", async () => {
  let lease: Lease | undefined;
  let isPaused = false;
  const paused: Leases = {
    ...leases,
    acquire: async (...args) => {
      lease = await leases.acquire(...args);
      return lease;
    },
    // A process that is stopped sends no heartbeats and learns of nothing.
    renew: (...args) => (isPaused ? new Promise(() => {}) : leases.renew(...args)),
  };
  let told = false;
  let late: unknown;
  const sleeper: Job = {
    name: "test",
    everyMs: 5,
    run: async (signal) => {
      isPaused = true;
      await soon(() => expect(others).toBeGreaterThan(0));
      const held = lease;
      if (held === undefined) throw new Error("the round has a lease");
      late = await db.transaction((tx) => leases.assertFence(tx, held)).catch((thrown: unknown) => thrown);
      await soon(() => expect(signal.aborted).toBe(true));
      told = true;
    },
  };
  let others = 0;
  const run = async () => {
    others += 1;
  };
  start([sleeper], { holder: "paused", leases: paused, leaseMs: 100 });
  await soon(() => expect(isPaused).toBe(true));
  start([{ name: "test", everyMs: 5, run }], { holder: "other", leaseMs: 100 });
  await soon(() => expect(late).toMatchObject({ code: "conflict", reason: "fenced" }));
  await soon(() => expect(told).toBe(true));
});
