import { formatTime } from "../format.ts";
import { Ago, Bytes, Num } from "../words.tsx";
import type { Column } from "./column.ts";

/** Columns that many tables have, each of what a row says about itself. */

export function rowsColumn<Row>(of: (row: Row) => number | undefined): Column<Row> {
  return {
    ...{ id: "rows", title: "Rows", width: 110, align: "end", usual: "shown" },
    text: of,
    cell: (row) => <Num value={of(row)} />,
  };
}

export function sizeColumn<Row>(of: (row: Row) => number | undefined): Column<Row> {
  return {
    ...{ id: "size", title: "Size", width: 100, align: "end", usual: "shown" },
    text: of,
    cell: (row) => <Bytes value={of(row)} />,
  };
}

/** When something happened to a row; `title` says what. */
export function timeColumn<Row>(id: string, title: string, of: (row: Row) => number): Column<Row> {
  return {
    ...{ id, title, width: 120, usual: "shown" },
    text: (row) => formatTime(of(row)),
    cell: (row) => <Ago at={of(row)} />,
  };
}

/** The first line of it; the whole stands on the thing's own page. */
export function descriptionColumn<Row extends { description: string }>(width = 240): Column<Row> {
  return {
    ...{ id: "description", title: "Description", width, usual: "shown" },
    text: ({ description }) => description,
    cell: ({ description }) => <span className="text-ink-2">{description.split("\n")[0]}</span>,
  };
}
