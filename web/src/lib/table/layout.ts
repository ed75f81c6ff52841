import { useMemo } from "react";
import { useSmallScreen } from "../screen.ts";
import { useStored } from "../stored.ts";
import { type Column, visibleColumns } from "./column.ts";
import type { TableProps } from "./table.tsx";

const CHECK_WIDTH = 36;

/** The columns that are shown and how wide they are, and how high a row is. */
export interface Layout<Row> {
  columns: readonly Column<Row>[];
  widthOf: (column: Column<Row>) => number;
  /** Remembers a dragged width; absent where the screen decides. */
  onWidth: ((column: Column<Row>, width: number) => void) | undefined;
  /** The columns as a grid; the first one is for checkboxes where rows can be selected. */
  template: string;
  /** Pixels below which the table scrolls to the side. */
  minWidth: number | undefined;
  rowHeight: number;
}

/** On a small screen few columns share the width there is; elsewhere each is as wide as somebody left it. */
export function useLayout<Row>(table: TableProps<Row>): Layout<Row> {
  const [widths, setWidths] = useStored<Record<string, number>>(`widths.${table.name}`, {});
  const small = useSmallScreen();
  const columns = useMemo(
    () => visibleColumns(table.columns, table.chosen ?? [], small ? "small" : "wide"),
    [table.columns, table.chosen, small],
  );
  const checks = table.onSelect ? [CHECK_WIDTH] : [];
  const widthOf = (column: Column<Row>) => widths[column.id] ?? column.width;
  const track = (column: Column<Row>, index: number) => {
    // Roots bring widths nearer to each other, so that the narrowest stays readable on a phone.
    if (small) return `minmax(0, ${Math.sqrt(column.width).toFixed(1)}fr)`;
    return index === columns.length - 1 ? `minmax(${widthOf(column)}px, 1fr)` : `${widthOf(column)}px`;
  };
  return {
    columns,
    widthOf,
    onWidth: small ? undefined : (column, width) => setWidths({ ...widths, [column.id]: width }),
    template: [...checks.map((width) => `${width}px`), ...columns.map(track)].join(" "),
    minWidth: small ? undefined : [...checks, ...columns.map(widthOf)].reduce((sum, width) => sum + width, 0),
    rowHeight: small ? 40 : rowHeightNow(),
  };
}

function rowHeightNow(): number {
  return document.documentElement.dataset.density === "compact" ? 28 : 32;
}
