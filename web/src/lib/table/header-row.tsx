import { nextSort } from "../url.ts";
import { HeaderCell } from "./header-cell.tsx";
import type { Layout } from "./layout.ts";
import type { TableProps } from "./table.tsx";

/** The columns' titles, above the place for checkboxes where rows can be selected. */
export function HeaderRow<Row>({ table, layout }: { table: TableProps<Row>; layout: Layout<Row> }) {
  const { sort, onSort } = table;
  const { columns, widthOf, onWidth, template } = layout;
  return (
    <div role="row" aria-rowindex={1} className="grid" style={{ gridTemplateColumns: template }}>
      {table.onSelect && (
        <div role="columnheader">
          <span className="sr-only">Selected</span>
        </div>
      )}
      {columns.map((column) => (
        <HeaderCell
          key={column.id}
          column={column}
          sort={sort}
          onSort={onSort && column.sorts ? () => onSort(nextSort(sort, column.id, column.sorts)) : undefined}
          width={widthOf(column)}
          onWidth={onWidth && ((width) => onWidth(column, width))}
        />
      ))}
    </div>
  );
}
