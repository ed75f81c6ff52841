import type { ReactNode } from "react";

/** One column of a table. */
export interface Column<Row> {
  id: string;
  /** Empty for the column that holds what can be done with a row. */
  title: string;
  /** Pixels at first; people may drag it. */
  width: number;
  align?: "start" | "end";
  cell: (row: Row) => ReactNode;
  /** The plain value, for copying as CSV. */
  text: (row: Row) => string | number | null | undefined;
  /** The direction a first click on the header sorts in; a column without it does not sort. */
  sorts?: "ascending" | "descending";
  /** Grouped in the column chooser under this heading. */
  group?: string;
  /** Always shown, first, never hidden. */
  fixed?: "first";
  /** Shown until somebody chooses otherwise. */
  usual?: "shown";
}

const SMALL_SCREEN_COLUMNS = 3;

/** The columns to draw: the chosen ones in the chosen order, or the usual ones; three on a small screen. */
export function visibleColumns<Row>(
  all: readonly Column<Row>[],
  chosen: readonly string[],
  screen: "small" | "wide",
): Column<Row>[] {
  const fixed = all.filter((column) => column.fixed);
  const byId = new Map(all.map((column) => [column.id, column]));
  const rest =
    chosen.length > 0
      ? chosen.flatMap((id) => byId.get(id) ?? []).filter((column) => !column.fixed)
      : all.filter((column) => column.usual && !column.fixed);
  const columns = [...fixed, ...rest];
  if (screen === "wide") return columns;
  // What can be done with a row can be done from a phone, too.
  const actions = columns.filter((column) => column.title === "");
  const shown = columns.filter((column) => column.title !== "");
  return [...shown.slice(0, SMALL_SCREEN_COLUMNS - actions.length), ...actions];
}

/** RFC 4180 text of what is shown. A cell that a spreadsheet would run as a formula gets a leading apostrophe. */
export function toCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map((column) => csvCell(column.title))];
  for (const row of rows) lines.push(columns.map((column) => csvCell(column.text(row))));
  return lines.map((line) => line.join(",")).join("\r\n");
}

function csvCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
