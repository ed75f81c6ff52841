import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useShortcuts } from "../keys.ts";
import { useSmallScreen } from "../screen.ts";
import { useStored } from "../stored.ts";
import { nextSort, type Sort } from "../url.ts";
import { type Column, visibleColumns } from "./column.ts";
import { HeaderCell } from "./header-cell.tsx";

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
const CHECK_WIDTH = 36;

/** Draws only the rows in view: ten thousand cost as much as fifty. */
export function Table<Row>(props: TableProps<Row>) {
  const { rows, rowId, onSelect, onActivate, onEndReached } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [widths, setWidths] = useStored<Record<string, number>>(`widths.${props.name}`, {});
  const small = useSmallScreen();
  const columns = useMemo(
    () => visibleColumns(props.columns, props.chosen ?? [], small ? "small" : "wide"),
    [props.columns, props.chosen, small],
  );
  const rowHeight = small ? 40 : rowHeightNow();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const lastDrawn = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastDrawn >= rows.length - OVERSCAN * 2) onEndReached?.();
  }, [lastDrawn, rows.length, onEndReached]);

  const activeIndex = rows.findIndex((row) => rowId(row) === props.active);
  const walk = (step: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, activeIndex < 0 ? 0 : activeIndex + step))];
    if (!next) return;
    onActivate?.(next);
    virtual.scrollToIndex(rows.indexOf(next), { align: "auto" });
  };
  const activeRow = rows[activeIndex];
  useShortcuts(
    onActivate
      ? [
          { keys: "j", does: "Next row", where: "Tables", run: () => walk(1) },
          { keys: "k", does: "Row before", where: "Tables", run: () => walk(-1) },
          ...(activeRow && props.onOpen
            ? [
                {
                  keys: "Enter",
                  does: "Open the whole page",
                  where: "Tables",
                  run: () => props.onOpen?.(activeRow),
                },
              ]
            : []),
          ...(activeRow && onSelect
            ? [
                {
                  keys: "x",
                  does: "Select the row",
                  where: "Tables",
                  run: () => onSelect(rowId(activeRow), "one"),
                },
              ]
            : []),
        ]
      : [],
  );

  const template = [
    ...(onSelect ? [`${CHECK_WIDTH}px`] : []),
    ...columns.map((column, index) => {
      const width = widths[column.id] ?? column.width;
      // Roots bring widths nearer to each other, so that the narrowest stays readable on a phone.
      if (small) return `minmax(0, ${Math.sqrt(column.width).toFixed(1)}fr)`;
      return index === columns.length - 1 ? `minmax(${width}px, 1fr)` : `${width}px`;
    }),
  ].join(" ");
  const widest =
    (onSelect ? CHECK_WIDTH : 0) +
    columns.reduce((sum, column) => sum + (widths[column.id] ?? column.width), 0);
  const inner = small ? {} : { minWidth: widest };

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
          <div role="row" aria-rowindex={1} className="grid" style={{ gridTemplateColumns: template }}>
            {onSelect && (
              <div role="columnheader">
                <span className="sr-only">Selected</span>
              </div>
            )}
            {columns.map((column) => (
              <HeaderCell
                key={column.id}
                column={column}
                sort={props.sort}
                onSort={
                  props.onSort && column.sorts
                    ? () => props.onSort?.(nextSort(props.sort, column.id, column.sorts))
                    : undefined
                }
                width={widths[column.id] ?? column.width}
                onWidth={small ? undefined : (width) => setWidths({ ...widths, [column.id]: width })}
              />
            ))}
          </div>
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
                height={rowHeight}
                template={template}
                columns={columns}
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

function TableRow<Row>({
  row,
  id,
  index,
  top,
  height,
  template,
  columns,
  table,
}: {
  row: Row;
  id: string;
  index: number;
  top: number;
  height: number;
  template: string;
  columns: readonly Column<Row>[];
  table: TableProps<Row>;
}) {
  const selected = table.selected?.has(id) ?? false;
  const active = table.active === id;
  const depth = table.depth?.(row) ?? 0;
  const clickable = table.onActivate ?? table.onOpen;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and Enter walk the rows; the first cell holds a real link.
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={table.onSelect ? selected : active || undefined}
      className={`absolute inset-x-0 grid items-center border-line border-b ${clickable ? "cursor-pointer" : ""} ${active ? "bg-accent-soft" : selected ? "bg-hover" : "hover:bg-hover"}`}
      style={{ gridTemplateColumns: template, height, transform: `translateY(${top}px)` }}
      onClick={(event) => {
        const at = event.target as Element;
        // A link, button or marked text inside the row keeps its own meaning; a menu's entry lies outside of it in the page.
        if (at.closest("a,button,input") || !event.currentTarget.contains(at) || getSelection()?.toString())
          return;
        clickable?.(row);
      }}
      onDoubleClick={() => table.onOpen?.(row)}
    >
      {table.onSelect && (
        <div role="cell" className="flex justify-center">
          <input
            type="checkbox"
            className="accent-(--accent)"
            aria-label="Select row"
            checked={selected}
            onChange={(event) =>
              table.onSelect?.(id, (event.nativeEvent as MouseEvent).shiftKey ? "through" : "one")
            }
          />
        </div>
      )}
      {columns.map((column, at) => (
        <div
          key={column.id}
          role="cell"
          className={`truncate px-3 ${column.align === "end" ? "text-right" : ""}`}
          style={at === 0 && depth > 0 ? { paddingLeft: 12 + depth * 16 } : undefined}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

/** The selection after a click: one row more or less, or all rows from the last selected one through this. */
export function selectedAfter(
  ids: readonly string[],
  selected: ReadonlySet<string>,
  click: { id: string; how: "one" | "through" },
): ReadonlySet<string> {
  if (click.how === "one" || selected.size === 0) return toggled(selected, click.id);
  const last = [...selected].at(-1) ?? click.id;
  const [from, to] = [ids.indexOf(last), ids.indexOf(click.id)].sort((a, b) => a - b);
  return new Set([...selected, ...ids.slice(Math.max(0, from ?? 0), (to ?? 0) + 1)]);
}

export function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

function rowHeightNow(): number {
  return document.documentElement.dataset.density === "compact" ? 28 : 32;
}
