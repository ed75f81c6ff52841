import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Position, PositionKind } from "./paging.ts";

/** One value that rows are ordered by; never null, as databases disagree on where nulls stand. */
export interface SortKey {
  expression: RawBuilder<unknown>;
  kind: PositionKind;
  direction: "ASC" | "DESC";
  /** The same for all rows of this question: it has a place in positions and orders nothing. */
  constant?: true;
}

export function orderBy(keys: readonly SortKey[]): RawBuilder<unknown> {
  const varying = keys.filter((key) => !key.constant);
  return sql.join(varying.map(({ expression, direction }) => sql`${expression} ${sql.raw(direction)}`));
}

/** True for rows behind the one with these values: greater in the first key, or equal there and behind in the rest. */
export function after(keys: readonly SortKey[], position: Position): RawBuilder<SqlBool> {
  let behind: RawBuilder<SqlBool> | undefined;
  for (const [i, { expression, direction, constant }] of [...keys.entries()].reverse()) {
    if (constant) continue;
    const value = position[i] ?? null;
    const beyond = sql<SqlBool>`${expression} ${sql.raw(direction === "ASC" ? ">" : "<")} ${value}`;
    const rest = behind;
    // Said twice over, `at or beyond, and not equal unless behind`, so that an index can begin at the position.
    behind =
      rest === undefined
        ? beyond
        : sql<SqlBool>`(${expression} ${sql.raw(direction === "ASC" ? ">=" : "<=")} ${value} and (${beyond} or ${rest}))`;
  }
  return behind ?? sql<SqlBool>`1 = 1`;
}
