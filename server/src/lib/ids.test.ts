import { expect, test } from "vitest";
import { isId, newHexId, newId } from "./ids.ts";

test("ids have their form, rise, and never come twice, within a millisecond and beyond it", async () => {
  const ids: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    for (let i = 0; i < 2000; i += 1) ids.push(newId());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(ids.every(isId)).toBe(true);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

test("an id begins with its time, and what follows cannot be guessed from another millisecond's", async () => {
  const before = Date.now();
  const first = newId();
  const after = Date.now();
  const characters = "0123456789abcdefghjkmnpqrstvwxyz";
  const time = [...first.slice(0, 10)].reduce((sum, one) => sum * 32 + characters.indexOf(one), 0);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(after + 1);
  await new Promise((resolve) => setTimeout(resolve, 2));
  const second = newId();
  const same = [...first.slice(10)].filter((one, at) => one === second[10 + at]);
  expect(same.length).toBeLessThan(10); // Of 16 characters; by chance one in 32 is the same.
});

test("hexadecimal ids have their form and never come twice, however many are drawn", () => {
  const ids = Array.from({ length: 2000 }, newHexId);
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});
