import type { DatasetCheck, DatasetCheckResult, DatasetColumn } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import type { OfflineValue } from "#ports/offline-engine";
import { quoteName, quoteText } from "./column-kind.ts";
import { type Ask, TABLE } from "./profile.ts";

const EXAMPLES = 5;
const EXAMPLE_COLUMNS = 40;
const EXAMPLE_CHARACTERS = 200;
const HOUR_MS = 3600 * 1000;

/** What the checks are judged against. */
export interface Checked {
  columns: readonly DatasetColumn[];
  rowCount: number;
  /** When the version was made; freshness counts from there, so that running again says the same. */
  madeMs: number;
}

export type Outcome = Omit<DatasetCheckResult, "check" | "ranMs">;

/**
 * Judges one check over the version.
 * @throws AppError `exhausted` or `unavailable` when the engine could not; what the check itself makes wrong is `broken`
 */
export async function judge(ask: Ask, check: DatasetCheck, of: Checked): Promise<Outcome> {
  try {
    requireColumns(check, of.columns);
    switch (check.kind) {
      case "row-count":
        return judgeRowCount(check, of);
      case "freshness":
        return await judgeFreshness(ask, check, of);
      case "unique":
        return await judgeUnique(ask, check, of);
      default:
        return await judgeRows(ask, failing(check, of.columns), of);
    }
  } catch (thrown) {
    if (!(thrown instanceof AppError && thrown.code === "invalid")) throw thrown;
    return { state: "broken", failedCount: 0, rowCount: of.rowCount, message: thrown.message, examples: [] };
  }
}

/** How a version's checks ended, as it is counted on the version. */
export function countResults(results: readonly DatasetCheckResult[]): {
  passed: number;
  failed: number;
  warned: number;
} {
  const passed = results.filter(({ state }) => state === "passed").length;
  const failed = results.filter(
    ({ state, check }) => state !== "passed" && check.severity === "error",
  ).length;
  return { passed, failed, warned: results.length - passed - failed };
}

function requireColumns(check: DatasetCheck, columns: readonly DatasetColumn[]): void {
  const wanted = check.kind === "unique" ? check.columns : "column" in check ? [check.column] : [];
  for (const name of wanted) {
    if (columns.every((column) => column.name !== name)) {
      throw new AppError("invalid", `There is no column '${name}' in this version.`);
    }
  }
}

type RowCheck = Extract<
  DatasetCheck,
  { kind: "not-null" | "range" | "allowed-values" | "regex" | "expression" }
>;

/** A condition that is true for rows which fail. */
function failing(check: RowCheck, columns: readonly DatasetColumn[]): string {
  if (check.kind === "expression") return `(\n${check.sql}\n) IS NOT TRUE`;
  const c = quoteName(check.column);
  const type = columns.find(({ name }) => name === check.column)?.type ?? "VARCHAR";
  const literal = (value: string | number | boolean) => `CAST(${quoteText(String(value))} AS ${type})`;
  switch (check.kind) {
    case "not-null":
      return `${c} IS NULL`;
    case "range": {
      // In DuckDB's order NaN is the greatest of all; it lies in no range that a person means.
      const nan = /^(FLOAT|DOUBLE)$/.test(type) ? [`isnan(${c})`] : [];
      const below = check.min === undefined ? [] : [`${c} < ${literal(check.min)}`];
      const above = check.max === undefined ? [] : [`${c} > ${literal(check.max)}`];
      return [...below, ...above, ...nan].join(" OR ") || "false";
    }
    case "allowed-values":
      return `${c} NOT IN (${check.values.map(literal).join(", ")})`;
    case "regex":
      return `NOT regexp_full_match(CAST(${c} AS VARCHAR), ${quoteText(check.pattern)})`;
  }
}

async function judgeRows(ask: Ask, condition: string, of: Checked): Promise<Outcome> {
  const { rows } = await ask(`SELECT count(*) FROM ${TABLE} WHERE (${condition})`);
  const failedCount = Number(rows[0]?.[0] ?? 0);
  const shown = of.columns.slice(0, EXAMPLE_COLUMNS).map(({ name }) => quoteName(name));
  const examples =
    failedCount === 0
      ? []
      : await examplesOf(
          ask,
          `SELECT ${shown.join(", ")} FROM ${TABLE} WHERE (${condition}) LIMIT ${EXAMPLES}`,
        );
  return outcome({ failedCount, rowCount: of.rowCount, examples });
}

async function judgeUnique(
  ask: Ask,
  { columns }: Extract<DatasetCheck, { kind: "unique" }>,
  of: Checked,
): Promise<Outcome> {
  const names = columns.map(quoteName);
  const whole = names.map((name) => `${name} IS NOT NULL`).join(" AND ");
  const groups = `SELECT ${names.join(", ")}, count(*) AS times FROM ${TABLE} WHERE ${whole} GROUP BY ${names.join(", ")} HAVING count(*) > 1`;
  const { rows } = await ask(`SELECT coalesce(sum(times), 0)::BIGINT FROM (${groups}) AS repeated`);
  const failedCount = Number(rows[0]?.[0] ?? 0);
  const examples =
    failedCount === 0 ? [] : await examplesOf(ask, `${groups} ORDER BY times DESC LIMIT ${EXAMPLES}`);
  return outcome({ failedCount, rowCount: of.rowCount, examples });
}

function judgeRowCount(
  { min, max }: Extract<DatasetCheck, { kind: "row-count" }>,
  { rowCount }: Checked,
): Outcome {
  const fails = (min !== undefined && rowCount < min) || (max !== undefined && rowCount > max);
  const state = fails ? "failed" : "passed";
  const bounds = `${min ?? "any"} to ${max ?? "any"}`;
  const message = `${rowCount} rows; allowed are ${bounds}.`;
  return { state, failedCount: fails ? 1 : 0, rowCount, message, examples: [] };
}

async function judgeFreshness(
  ask: Ask,
  { column, hoursMax }: Extract<DatasetCheck, { kind: "freshness" }>,
  { rowCount, madeMs }: Checked,
): Promise<Outcome> {
  const c = quoteName(column);
  const newest = `max(CAST(${c} AS TIMESTAMP)) FILTER (WHERE isfinite(CAST(${c} AS TIMESTAMP)))`;
  const { rows } = await ask(`SELECT epoch_ms(${newest}) FROM ${TABLE}`);
  const found = rows[0]?.[0];
  if (typeof found !== "number") {
    return {
      state: "failed",
      failedCount: 1,
      rowCount,
      message: "There is no time in the column.",
      examples: [],
    };
  }
  const hours = (madeMs - found) / HOUR_MS;
  const fails = hours > hoursMax;
  const message = `The newest time is ${new Date(found).toISOString()}, ${hours.toFixed(1)} hours before the version; ${hoursMax} are allowed.`;
  return { state: fails ? "failed" : "passed", failedCount: fails ? 1 : 0, rowCount, message, examples: [] };
}

function outcome({
  failedCount,
  rowCount,
  examples,
}: Pick<Outcome, "failedCount" | "rowCount" | "examples">): Outcome {
  const state = failedCount === 0 ? "passed" : "failed";
  const message =
    failedCount === 0 ? `All ${rowCount} rows pass.` : `${failedCount} of ${rowCount} rows fail.`;
  return { state, failedCount, rowCount, message, examples };
}

async function examplesOf(ask: Ask, sql: string): Promise<Outcome["examples"]> {
  const { columns, rows } = await ask(sql);
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, shorten(row[i] ?? null)])));
}

function shorten(value: OfflineValue): Outcome["examples"][number][string] {
  if (typeof value === "string") return value.slice(0, EXAMPLE_CHARACTERS);
  if (typeof value !== "object" || value === null) return value;
  return JSON.stringify(value).slice(0, EXAMPLE_CHARACTERS); // A nested value may be of any size.
}
