import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import type { Sort } from "../url.ts";
import type { Column } from "./column.ts";
import { HeaderRow } from "./header-row.tsx";
import { useLayout } from "./layout.ts";
import { useRowKeys } from "./row-keys.ts";
import { TableRow } from "./table-row.tsx";

export interface TableProps<Row> {
  /** Names the table in this browser's memory of column widths. */
  name: string;
  label: string;
  rows: readonly Row[];
  rowId: (row: Row) => string;
  columns: readonly Column<Row>[];
  chosen?: readonly string[];
  sort?: Sort | undefined;
  onSort?: (sort: Sort | undefined) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (id: string, how: "one" | "through") => void;
  active?: string | undefined;
  onActivate?: (row: Row) => void;
  onOpen?: (row: Row) => void;
  /** How deep a row stands under others, and whether it can be unfolded. */
  depth?: (row: Row) => number;
  onEndReached?: () => void;
  empty?: ReactNode;
  footer?: ReactNode;
}

// Rows drawn beyond the edge of the screen, so that a fast wheel meets no blank.
const OVERSCAN = 12;

/** Draws only the rows in view: ten thousand cost as much as fifty. */
export function Table<Row>(props: TableProps<Row>) {
  const { rows, rowId, onEndReached } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const layout = useLayout(props);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.rowHeight,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const lastDrawn = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastDrawn >= rows.length - OVERSCAN * 2) onEndReached?.();
  }, [lastDrawn, rows.length, onEndReached]);
  useRowKeys(props, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  const inner = layout.minWidth === undefined ? {} : { minWidth: layout.minWidth };

  // A table without a row is no table: what it says instead may hold headings and buttons, which a table may not.
  if (rows.length === 0 && props.empty)
    return <div className="min-h-0 flex-1 overflow-auto">{props.empty}</div>;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="table"
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        className="nums min-h-0 flex-1 overflow-auto focus-visible:outline-offset-[-2px]"
      >
        <div role="rowgroup" className="sticky top-0 z-10 border-line border-b bg-canvas" style={inner}>
          <HeaderRow table={props} layout={layout} />
        </div>
        <div role="rowgroup" className="relative" style={{ ...inner, height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const id = rowId(row);
            return (
              <TableRow
                key={id}
                row={row}
                id={id}
                index={item.index}
                top={item.start}
                layout={layout}
                table={props}
              />
            );
          })}
        </div>
      </div>
      {props.footer && (
        <div className="flex h-8 shrink-0 items-center gap-3 border-line border-t px-4 text-ink-3 text-xs">
          {props.footer}
        </div>
      )}
    </div>
  );
}
