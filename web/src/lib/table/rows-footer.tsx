import type { ReactNode } from "react";
import { CopyButton } from "../copy.tsx";
import { plural } from "../format.ts";
import { type Column, toCsv } from "./column.ts";

/** What stands below a long table: how many rows are there, and the rows as CSV. `children` stand between the two. */
export function RowsFooter<Row>(given: {
  noun: string;
  rows: readonly Row[];
  /** True when the server has more than what was loaded. */
  hasMore: boolean;
  /** Those that are copied, in their order. */
  columns: readonly Column<Row>[];
  children?: ReactNode;
}) {
  const { noun, rows, hasMore, columns, children } = given;
  return (
    <>
      <span>
        {plural(rows.length, noun)}
        {hasMore ? " loaded, more below" : ""}
      </span>
      {children}
      <span className="ml-auto flex items-center gap-1">
        CSV <CopyButton what="these rows as CSV" text={() => toCsv(columns, rows)} />
      </span>
    </>
  );
}
