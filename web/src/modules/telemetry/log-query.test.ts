import { expect, test } from "vitest";
import { labelOf, parseLogQuery, timeRange, withLabel } from "./log-query.ts";

test("labels and words are told apart, phrases stay whole", () => {
  expect(parseLogQuery('role=api level=error|warn "timed out" upload')).toEqual({
    labels: "role=api,level=error|warn",
    text: '"timed out" upload',
  });
});

test("an equals sign within a phrase is no label", () => {
  expect(parseLogQuery('"a=b"')).toEqual({ labels: "", text: '"a=b"' });
});

test("a label is set once and taken away again", () => {
  expect(withLabel("level=info slow", "level", "error")).toBe("level=error slow");
  expect(withLabel("level=info slow", "level", undefined)).toBe("slow");
  expect(labelOf("role=api level=error", "level")).toBe("error");
});

test("a zoomed range wins over a span, a broken one does not", () => {
  expect(timeRange({ from: "10", to: "20", span: "7d" }, 100)).toEqual({ fromMs: 10, toMs: 20 });
  expect(timeRange({ from: "20", to: "10" }, 3_600_000)).toEqual({ fromMs: 0, toMs: 3_600_000 });
});
