import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "#ports/database";
import { openTestDatabase } from "../../testing/database.ts";
import { createLeases } from "./database-leases.ts";
import type { Leases } from "./leases.ts";

const LONG_MS = 60_000;

let db: Database;
let leases: Leases;

beforeEach(async () => {
  db = await openTestDatabase();
  leases = createLeases(db);
});
afterEach(() => db.close());

async function take(name: string, holder: string, ttlMs = LONG_MS) {
  const lease = await leases.acquire(name, holder, ttlMs);
  if (lease === undefined) throw new Error(`${holder} did not get ${name}`);
  return lease;
}

test("one holder at a time, and each lease by itself", async () => {
  const lease = await take("a", "first");
  expect(lease).toEqual({ name: "a", fence: 1 });
  expect(await leases.acquire("a", "second", LONG_MS)).toBeUndefined();
  expect(await take("b", "second")).toEqual({ name: "b", fence: 1 });
});

test("of many who ask at once one gets it", async () => {
  const asked = await Promise.all(
    Array.from({ length: 20 }, (_, i) => leases.acquire("a", `h${i}`, LONG_MS)),
  );
  expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
});

test("a lease that ran out or was given back is taken with a higher fence", async () => {
  const first = await take("a", "first", 1);
  await sleep(20);
  const second = await take("a", "second");
  expect(second.fence).toBe(first.fence + 1);
  await leases.release(second);
  expect((await take("a", "third")).fence).toBe(second.fence + 1);
});

test("a holder holds on as long as nobody took over, and cannot give back what another has", async () => {
  const first = await take("a", "first", 1);
  await sleep(20);
  expect(await leases.renew(first, 1)).toBe(true);
  await sleep(20);
  await take("a", "second");
  expect(await leases.renew(first, LONG_MS)).toBe(false);
  await leases.release(first);
  expect(await leases.acquire("a", "third", LONG_MS)).toBeUndefined();
});

test("the transaction of a former holder fails whole", async () => {
  const first = await take("a", "first", 1);
  await sleep(20);
  const second = await take("a", "second");
  const late = db.transaction(async (tx) => {
    await leases.assertFence(tx, first);
  });
  await expect(late).rejects.toMatchObject({ code: "conflict", reason: "fenced" });
  await db.transaction((tx) => leases.assertFence(tx, second));
});
