import { expect, test } from "vitest";
import { formatAgo, formatBytes, formatDelta, formatDuration, formatNumber, formatShare } from "./format.ts";

test("numbers keep four significant digits and lose trailing zeros", () => {
  expect(formatNumber(0.123456)).toBe("0.1235");
  expect(formatNumber(12.5)).toBe("12.5");
  expect(formatNumber(0.9)).toBe("0.9");
  expect(formatNumber(1234)).toBe("1\u202f234");
  expect(formatNumber(1234567.8)).toBe("1\u202f235\u202f000");
  expect(formatNumber(-0.5)).toBe("−0.5");
});

test("very small and very large numbers turn to exponents", () => {
  expect(formatNumber(0.0000123)).toBe("1.23e−5");
  expect(formatNumber(1e9 + 0.5)).toBe("1e9");
});

test("what is not a finite number is said, not hidden", () => {
  expect(formatNumber(Number.NaN)).toBe("NaN");
  expect(formatNumber(Number.NEGATIVE_INFINITY)).toBe("−∞");
  expect(formatNumber(null)).toBe("–");
});

test("a difference always shows its sign", () => {
  expect(formatDelta(0.25)).toBe("+0.25");
  expect(formatDelta(-3)).toBe("−3");
  expect(formatDelta(0)).toBe("±0");
});

test("a duration shows its two largest units", () => {
  expect(formatDuration(420)).toBe("420ms");
  expect(formatDuration(3900)).toBe("3.9s");
  expect(formatDuration(192_000)).toBe("3m 12s");
  expect(formatDuration(7_200_000)).toBe("2h");
  expect(formatDuration(90_061_000)).toBe("1d 1h");
});

test("bytes are IEC", () => {
  expect(formatBytes(512)).toBe("512 B");
  expect(formatBytes(1536)).toBe("1.5 KiB");
  expect(formatBytes(2 * 1024 ** 3)).toBe("2 GiB");
});

test("time is relative up to thirty days, in both directions", () => {
  const now = Date.UTC(2026, 5, 1);
  expect(formatAgo(now - 1000, now)).toBe("just now");
  expect(formatAgo(now - 90_000, now)).toBe("1m ago");
  expect(formatAgo(now + 3 * 3_600_000, now)).toBe("in 3h");
  expect(formatAgo(now - 40 * 86_400_000, now)).toContain("2026");
});

test("a share is a percentage, and a little is not nothing", () => {
  expect(formatShare(0)).toBe("0 %");
  expect(formatShare(0.0004)).toBe("< 0.1 %");
  expect(formatShare(0.0361)).toBe("3.6 %");
  expect(formatShare(0.964)).toBe("96 %");
});
