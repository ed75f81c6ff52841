import { expect, test } from "vitest";
import { createFresh } from "./fresh.ts";

function open(entriesMax = 10) {
  const clock = { nowMs: 1_000_000 };
  const world = { value: "one" as string | undefined, loads: 0, away: false, wait: Promise.resolve() };
  const fresh = createFresh({
    clock: { now: () => clock.nowMs },
    entriesMax,
    async load(key) {
      world.loads += 1;
      const { value } = world;
      await world.wait;
      if (world.away) throw new Error("away");
      return value && `${key}:${value}`;
    },
  });
  return { clock, world, fresh };
}

test("what was read just now is not read again; what is older is", async () => {
  const { clock, world, fresh } = open();
  await Promise.all([fresh.get("a"), fresh.get("a")]);
  world.value = "two";
  clock.nowMs += 2999;
  expect([await fresh.get("a"), world.loads]).toEqual(["a:one", 1]);
  clock.nowMs += 1;
  expect([await fresh.get("a"), world.loads]).toEqual(["a:two", 2]);
});

test("a reading that began before a change is not kept after it", async () => {
  const { world, fresh } = open();
  let release = (): void => {};
  world.wait = new Promise((resolve) => {
    release = resolve;
  });
  const early = fresh.get("a");
  world.value = "two";
  fresh.forgetAll();
  const late = fresh.get("a");
  release();
  expect(await Promise.all([early, late])).toEqual(["a:one", "a:two"]);
  expect([await fresh.get("a"), world.loads]).toEqual(["a:two", 2]);
});

test("while the database is away, what was known still answers, for some minutes", async () => {
  const { clock, world, fresh } = open();
  await fresh.get("a");
  world.away = true;
  clock.nowMs += 4 * 60_000;
  expect(await fresh.get("a")).toBe("a:one");
  await expect(fresh.get("b")).rejects.toThrow("away");
  clock.nowMs += 60_000;
  await expect(fresh.get("a")).rejects.toThrow("away");
});

test("it holds so much and no more, and nothing of what does not exist", async () => {
  const { world, fresh } = open(2);
  for (const key of ["a", "b", "c"]) await fresh.get(key);
  await fresh.get("c");
  expect(world.loads).toBe(3);
  await fresh.get("a");
  expect(world.loads).toBe(4);
  world.value = undefined;
  await fresh.get("d");
  await fresh.get("d");
  expect(world.loads).toBe(6);
  expect(await fresh.get("a")).toBe("a:one");
});
