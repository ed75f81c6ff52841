import { expect, test } from "vitest";
import { routesOf, sameShares, withShare } from "./shares.ts";

test("one share is set and the others keep their proportion, in whole percents of 100", () => {
  expect(withShare({ a: 90, b: 10 }, "b", 25)).toEqual({ a: 75, b: 25 });
  expect(withShare({ a: 60, b: 30, c: 10 }, "c", 40)).toEqual({ a: 40, b: 20, c: 40 });
  for (let share = 0; share <= 100; share++) {
    const shares = withShare({ a: 33.3, b: 33.3, c: 33.4 }, "a", share);
    expect(Object.values(shares).reduce((sum, one) => sum + one, 0)).toBe(100);
    expect(shares.a).toBe(share);
  }
});

test("what nobody else has goes to the first of the others, and who is alone has all", () => {
  expect(withShare({ a: 100, b: 0, c: 0 }, "a", 70)).toEqual({ a: 70, b: 30, c: 0 });
  expect(withShare({ a: 100 }, "a", 20)).toEqual({ a: 100 });
  expect(withShare({ a: 50, b: 50 }, "a", 130)).toEqual({ a: 100, b: 0 });
});

test("a share of nothing is no route", () => {
  expect(routesOf({ a: 100, b: 0 })).toEqual([{ deployment: "a", weight: 100 }]);
  expect(sameShares({ a: 100, b: 0 }, { a: 100 })).toBe(true);
  expect(sameShares({ a: 99, b: 1 }, { a: 100, b: 0 })).toBe(false);
});
