import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";

/** One column of an order. Columns of an order hold no null, and together they are unique. */
export interface SortColumn {
  column: Expression<string | number>;
  direction: "ASC" | "DESC";
}

/** What stands behind ORDER BY. */
export function sortBy(columns: readonly SortColumn[]): RawBuilder<unknown> {
  return sql.join(columns.map(({ column, direction }) => sql`${column} ${sql.raw(direction)}`));
}

/** Rows that stand behind a position in the order: the position has the last row's value of each column. */
export function behind(
  columns: readonly SortColumn[],
  position: readonly (string | number | null)[],
): RawBuilder<SqlBool> {
  const cases = columns.map((last, i) => {
    const equal = columns.slice(0, i).map((before, j) => sql`${before.column} = ${position[j]}`);
    const further = sql`${last.column} ${sql.raw(last.direction === "ASC" ? ">" : "<")} ${position[i]}`;
    return sql`(${sql.join([...equal, further], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(cases, sql` or `)})`;
}
