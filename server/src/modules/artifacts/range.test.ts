import { expect, test } from "vitest";
import { parseRange } from "./range.ts";

test.each([
  ["bytes=0-4", { start: 0, end: 4 }],
  ["bytes=5-", { start: 5, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-30", { start: 0, end: 9 }],
  ["bytes=8-100", { start: 8, end: 9 }],
  ["bytes=0-1,3-4", undefined],
  ["bytes=4-2", undefined],
  ["bytes=-", undefined],
  ["pages=1-2", undefined],
  ["bytes=a-b", undefined],
  [undefined, undefined],
])("%s of ten bytes", (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});

test.each(["bytes=10-", "bytes=10-20", "bytes=-0"])("%s lies beyond ten bytes", (header) => {
  expect(() => parseRange(header, 10)).toThrow(expect.objectContaining({ reason: "range" }));
});
