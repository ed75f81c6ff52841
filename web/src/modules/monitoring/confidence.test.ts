import { expect, test } from "vitest";
import { wilson } from "./confidence.ts";

test("the interval of a share is the one of the literature, and never leaves 0 to 1", () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 by the score method.
  const [low, high] = wilson(81 / 263, 263);
  expect(low).toBeCloseTo(0.25528, 4);
  expect(high).toBeCloseTo(0.36621, 4);
  expect(wilson(1, 3)[0]).toBeCloseTo(0.4385, 3);
  expect(wilson(1, 3)[1]).toBe(1);
  expect(wilson(0, 3)[0]).toBeCloseTo(0, 12);
});

test("more labels narrow it", () => {
  const width = (n: number) => wilson(0.8, n)[1] - wilson(0.8, n)[0];
  expect(width(1000)).toBeLessThan(width(100));
});
