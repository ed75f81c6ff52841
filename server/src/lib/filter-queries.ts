import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { AppError } from "./errors.ts";
import type { NumberOperator, TextOperator } from "./filter.ts";

const PATTERN_CHARS_MAX = 10_000; // SQLite takes patterns of 50,000 bytes, and a character has up to four.

/**
 * Compares a text column. LIKE minds the case and ILIKE does not; `%` stands for any text and `_` for one character, and
 * there is no way to mean them literally. A row without a value fulfils none, not even `!=`.
 * @throws AppError `invalid`
 */
export function compareText(
  column: Expression<string | null>,
  operator: TextOperator,
  text: string,
): RawBuilder<SqlBool> {
  if (operator === "=") return sql<SqlBool>`${column} = ${text}`;
  if (operator === "!=") return sql<SqlBool>`${column} <> ${text}`;
  if (text.length > PATTERN_CHARS_MAX) {
    throw new AppError("invalid", `A pattern has at most ${PATTERN_CHARS_MAX} characters.`, { at: "filter" });
  }
  // The engines differ in what a backslash does by itself, so every pattern says what escapes.
  const pattern = text.replaceAll("\\", "\\\\");
  if (operator === "LIKE") return sql<SqlBool>`${column} like ${pattern} escape '\\'`;
  return sql<SqlBool>`lower(${column}) like lower(${pattern}) escape '\\'`;
}

/** Compares a number column, also a whole one with a fraction. A row without a value fulfils none. */
export function compareNumber(
  column: Expression<number | null>,
  operator: NumberOperator,
  number: number,
): RawBuilder<SqlBool> {
  return sql<SqlBool>`${column} ${sql.raw(operator)} cast(${number} as double precision)`;
}
