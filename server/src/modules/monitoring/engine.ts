import { assert } from "#lib/errors";
import type { OfflineEngine, OfflineTable, OfflineValue } from "#ports/offline-engine";
import type { Statement } from "./window-queries.ts";

/** Runs one statement over some tables. */
export type Ask = (statement: Statement, rowsMax?: number) => Promise<readonly (readonly OfflineValue[])[]>;

export function askerOf(
  engine: Pick<OfflineEngine, "query">,
  tables: Readonly<Record<string, OfflineTable>>,
  signal: AbortSignal | undefined,
): Ask {
  return async ({ sql, parameters }, rowsMax) => {
    const { rows } = await engine.query({ tables, sql, parameters, signal }, { rowsMax });
    return rows;
  };
}

/** A whole number or a double, as a row has it. */
export function numberIn(row: readonly OfflineValue[], at: number): number {
  const value = row[at];
  assert(typeof value === "number", `column ${at} of an answer is a number`);
  return value;
}

export function optionalNumberIn(row: readonly OfflineValue[], at: number): number | undefined {
  const value = row[at];
  return typeof value === "number" ? value : undefined;
}

export function textIn(row: readonly OfflineValue[], at: number): string {
  const value = row[at];
  assert(typeof value === "string", `column ${at} of an answer is text`);
  return value;
}
