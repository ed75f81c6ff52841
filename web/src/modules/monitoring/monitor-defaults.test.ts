import type { ColumnProfile, DatasetProfile } from "@atrium/contract/datasets";
import type { ServingEndpoint } from "@atrium/contract/serving";
import { expect, test } from "vitest";
import {
  columnsOfDataset,
  columnsOfEndpoint,
  timeColumns,
  timeRangeOf,
  windowLength,
} from "./monitor-defaults.ts";

const HOUR_MS = 3_600_000;
const column = (name: string, type: string, distinct: number): ColumnProfile => ({
  ...{ name, type, nulls: 0, distinct },
});
const PROFILE: DatasetProfile = {
  rowCount: 1000,
  columns: [
    column("flight", "VARCHAR", 1000),
    column("number", "BIGINT", 1000),
    { ...column("departed_at", "TIMESTAMP", 990), min: "2026-11-01T00:00:00", max: "2026-11-03T00:00:00" },
    column("made_ms", "BIGINT", 300),
    column("carrier", "VARCHAR", 5),
    column("delay", "DOUBLE", 1000),
    column("cancelled", "BOOLEAN", 2),
  ],
};

test("numbers and categories are watched; keys and times are not", () => {
  const columns = columnsOfDataset(PROFILE);
  expect(columns.filter(({ watched }) => watched).map(({ name, kind }) => [name, kind])).toEqual([
    ["carrier", "category"],
    ["delay", "number"],
    ["cancelled", "category"],
  ]);
  expect(columns.map(({ name }) => name)).not.toContain("departed_at");
});

test("a row's time is looked for among times first, and then among numbers that are named so", () => {
  expect(timeColumns(PROFILE)).toEqual(["departed_at", "made_ms"]);
});

test("a time without a zone is UTC", () => {
  expect(timeRangeOf(PROFILE, "departed_at")).toEqual([Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 3)]);
  expect(timeRangeOf(PROFILE, "carrier")).toBeUndefined();
});

test("a time is cut into about twenty windows of a usual length", () => {
  expect(windowLength(48 * HOUR_MS)).toBe(HOUR_MS);
  expect(windowLength(30 * 24 * HOUR_MS)).toBe(24 * HOUR_MS);
  expect(windowLength(1000)).toBe(5 * 60_000);
});

test("an endpoint is watched by the names of its log", () => {
  const model = {
    state: "ready",
    inputs: [{ name: "carrier", datatype: "BYTES", shape: [-1] }],
    outputs: [],
  };
  const other = { state: "failed", inputs: [{ name: "old", datatype: "FP32", shape: [-1] }], outputs: [] };
  const endpoint = { deployments: [other, model] } as unknown as ServingEndpoint;
  expect(columnsOfEndpoint(endpoint)).toEqual([
    { name: "input_carrier", kind: "category", role: "feature", watched: true },
  ]);
});
