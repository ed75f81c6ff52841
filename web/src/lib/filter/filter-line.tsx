import type { ComponentProps } from "react";
import type { ApiError } from "../api.ts";
import { EmptyState } from "../states.tsx";
import type { Column } from "../table/column.ts";
import { ColumnChooser } from "../table/column-chooser.tsx";
import { useUrl } from "../url.ts";
import { FilterBar } from "./filter-bar.tsx";

type Bar = Omit<ComponentProps<typeof FilterBar>, "value" | "onApply">;

/** What stands above a table: the filter and the choice of its columns, both kept in the address. */
export function FilterLine<Row>({ columns, ...bar }: Bar & { columns: readonly Column<Row>[] }) {
  const [url, setUrl] = useUrl();
  return (
    <div className="flex shrink-0 items-start gap-2 px-4 pb-3">
      <FilterBar
        {...bar}
        value={url.filter ?? ""}
        onApply={(filter) => setUrl({ filter: filter || undefined }, "push")}
      />
      <ColumnChooser columns={columns} />
    </div>
  );
}

/** What the server did not understand of the filter; any other error is not the filter's. */
export function filterErrorOf(error: ApiError | null): string | undefined {
  return error?.status === 400 ? error.message : undefined;
}

/** Stands in for the rows of a filter that was not understood. */
export function UnreadableFilter() {
  return <EmptyState title="The filter cannot be read">The line below it says why.</EmptyState>;
}
