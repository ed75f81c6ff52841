import { expect, test } from "vitest";
import { createRooms } from "./rooms.ts";

const one = (id: string, dueMs: number, cores = 1) => ({ id, dueMs, cores, memoryMiB: 10 });
const never = new AbortController().signal;

test("room is given to whoever was due first, and a small one does not overtake a large one", async () => {
  const rooms = createRooms({ cores: 2, memoryMiB: 100 });
  const got: string[] = [];
  const wait = (id: string, dueMs: number, cores?: number) =>
    rooms.wait(one(id, dueMs, cores), never).then(() => got.push(id));
  expect(rooms.take(one("a", 1))).toBe(true);
  const all = [wait("large", 2, 2), wait("small", 3), wait("b", 1)];
  await all[2];
  expect(got).toEqual(["b"]);
  rooms.release("a");
  expect(rooms.take(one("late", 9))).toBe(false);
  expect(rooms.take(one("beside", 9, 0))).toBe(true);
  rooms.release("b");
  await all[0];
  expect(got).toEqual(["b", "large"]);
  rooms.release("large");
  await all[1];
});

test("memory counts as cores do, what runs anyway is counted, and who has room has it at once", async () => {
  const rooms = createRooms({ cores: 8, memoryMiB: 15 });
  rooms.grant(one("runs", 1));
  expect(rooms.take(one("a", 2))).toBe(false);
  await rooms.wait(one("runs", 1), never);
  rooms.release("runs");
  expect(rooms.take(one("a", 2))).toBe(true);
});

test("who leaves makes way for those behind it", async () => {
  const rooms = createRooms({ cores: 2, memoryMiB: 100 });
  rooms.grant(one("runs", 1));
  const leaving = new AbortController();
  const large = rooms.wait(one("large", 2, 2), leaving.signal);
  const small = rooms.wait(one("small", 3), never);
  leaving.abort(new Error("cancelled"));
  await expect(large).rejects.toThrow("cancelled");
  await small;
});
