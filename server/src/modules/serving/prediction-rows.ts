import type { Cohort, ServedBy } from "@atrium/contract/serving";
import { type ParquetColumn, type ParquetType, writeParquet } from "./parquet.ts";

/** One prediction as the journal keeps it; short names, for there are many. */
export interface PredictionRow {
  id: string;
  at: number;
  dep: string;
  num: number;
  model: string;
  ver: number;
  cohort: Cohort;
  by: ServedBy;
  ms: number;
  status: number;
  in: Record<string, unknown>;
  out: Record<string, unknown>;
}

export type Columns = Record<string, ParquetType>;

const FIXED: [string, ParquetType, (row: PredictionRow) => unknown][] = [
  ["prediction_id", "VARCHAR", (row) => row.id],
  ["at_ms", "BIGINT", (row) => row.at],
  ["deployment", "VARCHAR", (row) => String(row.num)],
  ["deployment_id", "VARCHAR", (row) => row.dep],
  ["model", "VARCHAR", (row) => row.model],
  ["version", "BIGINT", (row) => row.ver],
  ["cohort", "VARCHAR", (row) => row.cohort],
  ["served_by", "VARCHAR", (row) => row.by],
  ["latency_ms", "DOUBLE", (row) => row.ms],
  ["status", "BIGINT", (row) => row.status],
];

/** The fixed columns alone, in their order. */
export const FIXED_COLUMNS: Columns = Object.fromEntries([
  ...FIXED.slice(0, 2).map(([name, type]) => [name, type] as const),
  ["endpoint", "VARCHAR"] as const,
  ...FIXED.slice(2).map(([name, type]) => [name, type] as const),
]);

/** Rows as a Parquet file. `known` says of which type a column was before, for one that has only nulls here. */
export function rowsToParquet(
  endpoint: string,
  rows: readonly PredictionRow[],
  known: Columns,
): { bytes: Buffer; columns: Columns } {
  const fixed: ParquetColumn[] = FIXED.map(([name, type, read]) => ({ name, type, values: rows.map(read) }));
  fixed.splice(2, 0, { name: "endpoint", type: "VARCHAR", values: rows.map(() => endpoint) });
  const free = (["in", "out"] as const).flatMap((side) => {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row[side])))].sort();
    return names.map((name) => {
      const column = `${side === "in" ? "input" : "output"}_${name}`;
      const values = rows.map((row) => row[side][name] ?? null);
      return { name: column, ...typed(values, known[column]) };
    });
  });
  const all = [...fixed, ...free];
  const columns = Object.fromEntries(all.map(({ name, type }) => [name, type]));
  return { bytes: writeParquet(all, rows.length), columns };
}

/** All numbers are one type, so that a whole one here and a broken one there are one column. */
function typed(values: readonly unknown[], known: ParquetType | undefined): Omit<ParquetColumn, "name"> {
  const present = values.filter((value) => value !== null);
  if (present.length === 0) return { type: known ?? "DOUBLE", values };
  if (present.every((value) => typeof value === "number")) return { type: "DOUBLE", values };
  if (present.every((value) => typeof value === "boolean")) return { type: "BOOLEAN", values };
  return { type: "VARCHAR", values };
}

/** Two segments' columns as one table's: where types differ, text holds both. */
export function unite(all: readonly Columns[]): Columns {
  const united: Columns = {};
  for (const columns of all) {
    for (const [name, type] of Object.entries(columns))
      united[name] = united[name] === undefined || united[name] === type ? type : "VARCHAR";
  }
  return united;
}
