import type { Layout } from "./layout.ts";
import type { TableProps } from "./table.tsx";

/** One row at its place; a click shows it, a double click opens it. */
export function TableRow<Row>({
  row,
  id,
  index,
  top,
  layout,
  table,
}: {
  row: Row;
  id: string;
  index: number;
  /** Pixels from the first row. */
  top: number;
  layout: Layout<Row>;
  table: TableProps<Row>;
}) {
  const { columns, template, rowHeight: height } = layout;
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
