import type { ColumnProfile, DatasetColumn, DatasetHistogram, DatasetValue } from "@atrium/contract/datasets";
import type { OfflineColumn, OfflineRows, OfflineValue } from "#ports/offline-engine";
import { type ColumnKind, kindOf, quoteName } from "./column-kind.ts";

/** The one table's name in every statement over a version. */
export const TABLE = "data";

const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const BINS = 20; // What a small chart shows; more would say nothing of a sample.
const TOP = 10;
const EXACT_TOP_DISTINCT_MAX = 10_000; // Up to so many groups counting is cheap; beyond, only candidates are counted.
const EXACT_DISTINCT_MAX = 100_000; // Up to about so many, values are counted; the estimate is off by up to a fifth.
const TEXT_SHOWN = 200; // Characters of one value in a profile.
const COLUMNS_A_STATEMENT = 40; // Each has a dozen aggregates; statements grow faster than their columns.

/** Runs one statement over the version; the rows come in order of the statement's columns. */
export type Ask = (sql: string, parameters?: readonly (string | number | null)[]) => Promise<OfflineRows>;

export interface Profiled {
  rowCount: number;
  columns: DatasetColumn[];
  profiles: ColumnProfile[];
}

/** Looks at every column: a few scans, whatever the number of rows. @throws AppError of the engine */
export async function profileTable(ask: Ask): Promise<Profiled> {
  const { columns } = await ask(`SELECT * FROM ${TABLE} LIMIT 0`);
  const [[count] = []] = (await ask(`SELECT count(*) FROM ${TABLE}`)).rows;
  const rowCount = Number(count ?? 0);
  const profiles: ColumnProfile[] = [];
  for (let at = 0; at < columns.length; at += COLUMNS_A_STATEMENT) {
    profiles.push(...(await profileColumns(ask, columns.slice(at, at + COLUMNS_A_STATEMENT), rowCount)));
  }
  const described = profiles.map(({ name, type, nulls }) => ({ name, type, nullable: nulls > 0 }));
  return { rowCount, columns: described, profiles };
}

async function profileColumns(
  ask: Ask,
  columns: readonly OfflineColumn[],
  rowCount: number,
): Promise<ColumnProfile[]> {
  const all = columns.map((column) => ({ ...column, kind: kindOf(column.type) }));
  const measures = all.map(measuresOf);
  const select = measures.flatMap((each) => Object.values(each));
  const [row = []] = (await ask(`SELECT ${select.join(", ")} FROM ${TABLE}`)).rows;
  let at = 0;
  const facts = measures.map((each) => {
    const entries = Object.keys(each).map((name) => [name, row[at++] ?? null] as const);
    return Object.fromEntries(entries) as Facts;
  });
  const profiles = all.map((column, i) => describe(column, facts[i] ?? {}, rowCount));
  await countDistinct(ask, profiles);
  await addTops(ask, profiles, all);
  await addHistograms(ask, { profiles, all, facts });
  return profiles;
}

type Column = OfflineColumn & { kind: ColumnKind };
type Facts = Partial<
  Record<"present" | "distinct" | "min" | "max" | "mean" | "std" | "finite", OfflineValue>
> & {
  quantiles?: OfflineValue;
  low?: OfflineValue;
  high?: OfflineValue;
};

/** The aggregates of one column, by name. `low` and `high` bound its histogram, as doubles. */
function measuresOf({ name, kind }: Column): Record<string, string> {
  const c = quoteName(name);
  const common = { present: `count(${c})` };
  const distinct = { distinct: `approx_count_distinct(${c})` };
  const quantiles = `[${QUANTILES.join(", ")}]`;
  switch (kind) {
    case "whole":
    case "decimal":
    case "float": {
      const number = `CAST(${c} AS DOUBLE)`;
      const finite = kind === "float" ? ` FILTER (WHERE isfinite(${c}))` : "";
      return {
        ...common,
        ...distinct,
        min: `min(${c})${finite}`,
        max: `max(${c})${finite}`,
        mean: `avg(${number})${finite}`,
        // Over values whose squares leave the range of a double there is none; the engine would refuse the whole.
        std: `CASE WHEN max(abs(${number}))${finite} < 1e150 THEN stddev_samp(CASE WHEN abs(${number}) < 1e150 THEN ${number} END) END`,
        finite: `count(${c})${finite}`,
        quantiles: `approx_quantile(${number}, ${quantiles})${finite}`,
        low: `CAST(min(${c})${finite} AS DOUBLE)`,
        high: `CAST(max(${c})${finite} AS DOUBLE)`,
      };
    }
    case "time": {
      const ms = epochMs(name);
      const finite = ` FILTER (WHERE isfinite(${c}))`;
      return {
        ...common,
        ...distinct,
        min: `min(${c})${finite}`,
        max: `max(${c})${finite}`,
        quantiles: `approx_quantile(${ms}, ${quantiles})${finite}`,
        low: `min(${ms})${finite}`,
        high: `max(${ms})${finite}`,
      };
    }
    case "text": {
      const text = `CAST(${c} AS VARCHAR)`;
      return {
        ...common,
        ...distinct,
        min: `left(CAST(min(${c}) AS VARCHAR), ${TEXT_SHOWN})`,
        max: `left(CAST(max(${c}) AS VARCHAR), ${TEXT_SHOWN})`,
        low: `CAST(min(length(${text})) AS DOUBLE)`,
        high: `CAST(max(length(${text})) AS DOUBLE)`,
      };
    }
    case "boolean":
      return { ...common, ...distinct };
    case "other":
      return common;
  }
}

/** A time as milliseconds since 1970 UTC; a naive one counts as UTC. */
function epochMs(name: string): string {
  const c = quoteName(name);
  return `CASE WHEN isfinite(${c}) THEN CAST(epoch_ms(CAST(${c} AS TIMESTAMP)) AS DOUBLE) END`;
}

function describe({ name, type, kind }: Column, facts: Facts, rowCount: number): ColumnProfile {
  const present = Number(facts.present ?? 0);
  const profile: ColumnProfile = { name, type, nulls: rowCount - present };
  // The estimate may say more than there can be.
  if (facts.distinct !== undefined) profile.distinct = Math.min(Number(facts.distinct ?? 0), present);
  if (facts.min !== undefined && facts.min !== null) profile.min = facts.min as DatasetValue;
  if (facts.max !== undefined && facts.max !== null) profile.max = facts.max as DatasetValue;
  if (typeof facts.mean === "number") profile.mean = facts.mean;
  if (typeof facts.std === "number") profile.std = facts.std;
  if (kind === "float") profile.notFinite = present - Number(facts.finite ?? 0);
  const quantiles = quantilesOf(facts.quantiles, kind);
  if (quantiles !== undefined) profile.quantiles = quantiles;
  return profile;
}

function quantilesOf(found: OfflineValue | undefined, kind: ColumnKind): ColumnProfile["quantiles"] {
  if (!Array.isArray(found)) return undefined;
  const show = (value: number) => (kind === "time" ? new Date(value).toISOString() : value);
  return QUANTILES.flatMap((q, i) => {
    const value: unknown = found[i];
    return typeof value === "number" ? [{ q, value: show(value) }] : [];
  });
}

async function countDistinct(ask: Ask, profiles: readonly ColumnProfile[]): Promise<void> {
  const few = profiles.filter(({ distinct }) => distinct !== undefined && distinct <= EXACT_DISTINCT_MAX);
  if (few.length === 0) return;
  const counts = few.map(({ name }) => `count(DISTINCT ${quoteName(name)})`);
  const [row = []] = (await ask(`SELECT ${counts.join(", ")} FROM ${TABLE}`)).rows;
  for (const [i, profile] of few.entries()) profile.distinct = Number(row[i]);
}

/** The most frequent values, with exact counts: of few distinct ones all are counted, else those that look frequent. */
async function addTops(ask: Ask, profiles: ColumnProfile[], columns: readonly Column[]): Promise<void> {
  const parts = columns.flatMap((column, i) => {
    const distinct = profiles[i]?.distinct;
    if (column.kind === "other" || distinct === undefined || distinct === 0) return [];
    const c = quoteName(column.name);
    const shown = column.kind === "time" ? epochMs(column.name) : c;
    const among =
      distinct <= EXACT_TOP_DISTINCT_MAX
        ? `${c} IS NOT NULL`
        : `${c} IN (SELECT unnest(approx_top_k(${c}, ${TOP})) FROM ${TABLE})`;
    const order = `ORDER BY n DESC, v LIMIT ${TOP}`;
    return [
      `SELECT ${i} AS i, left(CAST(v AS VARCHAR), ${TEXT_SHOWN}) AS v, n FROM (SELECT ${shown} AS v, count(*) AS n FROM ${TABLE} WHERE ${among} GROUP BY 1 ${order})`,
    ];
  });
  if (parts.length === 0) return;
  const { rows } = await ask(`SELECT i, v, n FROM (${parts.join(" UNION ALL ")}) ORDER BY i, n DESC, v`);
  for (const [i, value, count] of rows) {
    const profile = profiles[Number(i)];
    const kind = columns[Number(i)]?.kind;
    if (profile === undefined || kind === undefined) continue;
    profile.top ??= [];
    profile.top.push({ value: shownValue(value, kind), count: Number(count) });
  }
}

/** Values of all columns come as text, since one statement counts them all. */
function shownValue(text: OfflineValue | undefined, kind: ColumnKind): DatasetValue {
  if (typeof text !== "string") return null;
  const near = Number(text);
  if (kind === "time") return Number.isFinite(near) ? new Date(near).toISOString() : text;
  if (kind === "boolean") return text === "true";
  if (kind === "whole") return Number.isSafeInteger(near) ? near : text;
  return kind === "float" && Number.isFinite(near) ? near : text;
}

interface HistogramWork {
  profiles: ColumnProfile[];
  all: readonly Column[];
  facts: readonly Facts[];
}

async function addHistograms(ask: Ask, { profiles, all, facts }: HistogramWork): Promise<void> {
  const drawn = all.flatMap((column, i) => {
    const { low, high } = facts[i] ?? {};
    const kind = histogramKind(column.kind);
    if (kind === undefined || typeof low !== "number" || typeof high !== "number") return [];
    return Number.isFinite(high - low) ? [{ i, column, kind, low, high }] : [];
  });
  if (drawn.length === 0) return;
  const parts = drawn.map(({ i, column, low, high }) => {
    const value = numberOf(column);
    const bin =
      high > low ? `least(${BINS - 1}, floor((v - ${low}::DOUBLE) / ${high - low}::DOUBLE * ${BINS}))` : "0";
    return `SELECT ${i} AS i, CAST(${bin} AS INTEGER) AS bin, count(*) AS n FROM (SELECT ${value} AS v FROM ${TABLE}) WHERE v BETWEEN ${low}::DOUBLE AND ${high}::DOUBLE GROUP BY bin`;
  });
  const { rows } = await ask(`SELECT i, bin, n FROM (${parts.join(" UNION ALL ")}) ORDER BY i, bin`);
  for (const { i, kind, low, high } of drawn) {
    const counts = new Array<number>(high > low ? BINS : 1).fill(0);
    for (const [column, bin, n] of rows) if (Number(column) === i) counts[Number(bin)] = Number(n);
    const profile = profiles[i];
    if (profile !== undefined) profile.histogram = { kind, edges: edgesOf(low, high), counts };
  }
}

function edgesOf(low: number, high: number): number[] {
  if (high <= low) return [low, low];
  return Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? high : low + ((high - low) * i) / BINS));
}

function histogramKind(kind: ColumnKind): DatasetHistogram["kind"] | undefined {
  if (kind === "time") return "times";
  if (kind === "text") return "lengths";
  return kind === "whole" || kind === "float" || kind === "decimal" ? "numbers" : undefined;
}

function numberOf({ name, kind }: Column): string {
  const c = quoteName(name);
  if (kind === "time") return epochMs(name);
  return kind === "text" ? `CAST(length(CAST(${c} AS VARCHAR)) AS DOUBLE)` : `CAST(${c} AS DOUBLE)`;
}
