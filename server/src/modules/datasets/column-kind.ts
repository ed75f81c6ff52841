/** What can be said about a column depends on what its values are. */
export type ColumnKind = "whole" | "float" | "decimal" | "time" | "text" | "boolean" | "other";

const WHOLE = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT)$/;
const TIME = /^(DATE|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/;

/** Reads a type as DuckDB writes it. */
export function kindOf(type: string): ColumnKind {
  if (WHOLE.test(type)) return "whole";
  if (type === "FLOAT" || type === "DOUBLE") return "float";
  if (/^DECIMAL\(\d+,\s*\d+\)$/.test(type)) return "decimal";
  if (TIME.test(type)) return "time";
  if (type === "VARCHAR" || type === "UUID" || type.startsWith("ENUM("))
    return type.includes("[") ? "other" : "text";
  return type === "BOOLEAN" ? "boolean" : "other";
}

/** A name as SQL takes it whatever it contains. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL takes it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
