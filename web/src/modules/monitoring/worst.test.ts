import type { MonitorWindow, WindowResult } from "@atrium/contract/monitoring";
import { expect, test } from "vitest";
import { firstToSee, rankColumns } from "./worst.ts";

const columns = (["distance", "carrier", "wind"] as const).map((name) => ({
  ...{ name, role: "feature" as const, kind: "number" as const },
}));
const result = (column: string, psi: number | undefined, segment = "all"): WindowResult => ({
  ...{ segment, column, rows: 300, insufficient: psi === undefined },
  values: psi === undefined ? {} : { psi },
});

test("columns come worst first, and one without a value is the last and never a zero", () => {
  const results = [result("distance", undefined), result("carrier", 0), result("wind", 0.4)];
  const ranked = rankColumns(columns, results, { segment: "all", metric: "psi" });
  expect(ranked.map(({ name, value }) => [name, value])).toEqual([
    ["wind", 0.4],
    ["carrier", 0],
    ["distance", undefined],
  ]);
  expect(ranked.at(-1)).toMatchObject({ insufficient: true, rows: 300 });
});

test("another segment's values are not taken for this one's", () => {
  const ranked = rankColumns(columns, [result("wind", 0.4, "new")], { segment: "all", metric: "psi" });
  expect(ranked.every(({ value }) => value === undefined)).toBe(true);
});

test("the window that is seen first is the newest with enough rows, or else the newest", () => {
  const window = (startMs: number, insufficient: boolean) => ({ startMs, insufficient }) as MonitorWindow;
  expect(firstToSee([window(3, true), window(2, false), window(1, false)])?.startMs).toBe(2);
  expect(firstToSee([window(3, true), window(2, true)])?.startMs).toBe(3);
  expect(firstToSee([])).toBeUndefined();
});
