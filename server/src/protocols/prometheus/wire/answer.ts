import type { Series, Value } from "../promql/evaluate.ts";

/**
 * A number as they write it: the shortest that is read back the same.
 * @remarks prometheus/util/jsonutil/marshal.go, MarshalFloat.
 */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  // Both leave plain digits at the same sizes; they write at least two digits of an exponent.
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

type Point = [seconds: number, value: string];

function point(atMs: number, value: number): Point {
  return [atMs / 1000, valueText(value)];
}

/** The data of an instant query. */
export function instantData(value: Value, atMs: number): object {
  if (typeof value === "number") return { resultType: "scalar", result: point(atMs, value) };
  return {
    resultType: "vector",
    result: value.map(({ labels, value: at }) => ({ metric: labels, value: point(atMs, at) })),
  };
}

/** The data of a range query, or of a range that is asked for as it is. */
export function matrixData(series: readonly Series[]): object {
  return {
    resultType: "matrix",
    result: series.map(({ labels, points }) => ({
      metric: labels,
      values: points.map(([atMs, value]) => point(atMs, value)),
    })),
  };
}
