import type { FeatureType, KeyType } from "@atrium/contract/feature-store";
import type { ColumnFeature, Feature, WindowFeature } from "./window.ts";
import { isWindowed } from "./window.ts";

/** A view's rows as statements read them: tables by the names that the work gives them. */
export interface History {
  /** The dataset's table, then those that were pushed. */
  tables: readonly string[];
  joinKeys: readonly { name: string; type: KeyType }[];
  timestampColumn: string;
  createdColumn: string | undefined;
  ttlMs: number | null;
  features: readonly Feature[];
}

const KEY_SQL: Record<KeyType, string> = { string: "VARCHAR", int64: "BIGINT" };
const TYPE_SQL: Record<FeatureType, string> = {
  string: "VARCHAR",
  int64: "BIGINT",
  float64: "DOUBLE",
  bool: "BOOLEAN",
  timestamp: "TIMESTAMP WITH TIME ZONE",
  "string[]": "VARCHAR[]",
  "int64[]": "BIGINT[]",
  "float64[]": "DOUBLE[]",
};

export const MICROS = 1000; // Statements count microseconds: times of a source are not rounded before they are compared.

/** Any text as the name of a table or column. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function list(parts: readonly string[]): string {
  return parts.join(", ");
}

/** Names of a view's join keys inside statements: a key may be called like anything else. */
export function keyNames({ joinKeys }: Pick<History, "joinKeys">): string[] {
  return joinKeys.map((_, i) => `__k${i}`);
}

export function keyCasts({ joinKeys }: Pick<History, "joinKeys">): string[] {
  return joinKeys.map(({ name, type }, i) => `cast(${quoted(name)} as ${KEY_SQL[type]}) as __k${i}`);
}

/** `__f0, __f1, …`: what a plain view's features are read into. */
export function featureNames({ features }: Pick<History, "features">): string[] {
  return features.map((_, i) => `__f${i}`);
}

/** Rows with a whole key and a time, everything in its declared type: `__k…`, `__ts`, `__created`, `__f…`. */
export function plainRows(history: History): string {
  const columns = columnsOf(history).map(
    ({ column, type }, i) => `cast(${quoted(column)} as ${TYPE_SQL[type]}) as __f${i}`,
  );
  return rows(history, columns);
}

/** The same for windows: `__c0, __c1, …` are the columns that are aggregated, as numbers. */
export function windowRows(history: History): string {
  const columns = windowColumns(history).map((column, i) => `cast(${quoted(column)} as DOUBLE) as __c${i}`);
  return rows(history, columns);
}

export function windowsOf(history: History): WindowFeature[] {
  return history.features.filter(isWindowed);
}

function columnsOf(history: History): ColumnFeature[] {
  return history.features.filter((feature) => feature.kind === "column");
}

export function windowColumns(history: History): string[] {
  return [...new Set(windowsOf(history).flatMap(({ column }) => (column === undefined ? [] : [column])))];
}

/** An aggregate call, before its `over` or `filter`. */
export function aggregateCall(history: History, feature: WindowFeature): string {
  const column =
    feature.column === undefined ? "__event" : `__c${windowColumns(history).indexOf(feature.column)}`;
  const call = { count: "count", sum: "sum", mean: "avg", min: "min", max: "max", std: "stddev_samp" };
  return `${call[feature.function]}(${column})`;
}

function rows(history: History, columns: readonly string[]): string {
  const { tables, timestampColumn, createdColumn } = history;
  const created = createdColumn === undefined ? "cast(null as BIGINT)" : `epoch_us(${quoted(createdColumn)})`;
  const parts = [
    ...keyCasts(history),
    `epoch_us(${quoted(timestampColumn)}) as __ts`,
    `${created} as __created`,
    ...columns,
  ];
  const all = tables.map((table) => `select ${list(parts)} from ${quoted(table)}`).join(" union all ");
  const whole = [...keyNames(history), "__ts"].map((name) => `${name} is not null`).join(" and ");
  return `select * from (${all}) where ${whole}`;
}

/** Newest first; the values themselves decide between twins, so that the same rows always give the same answer. */
export function newestFirst(history: History): string {
  const twins = featureNames(history).map((name) => `${name} desc nulls last`);
  return list(["__ts desc", "__created desc nulls last", ...twins]);
}
