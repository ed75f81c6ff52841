import { Columns3 } from "lucide-react";
import { useMemo, useState } from "react";
import { Popover } from "../menu.tsx";
import { listOf, useUrl } from "../url.ts";
import type { Column } from "./column.ts";

/** The columns that the address names as `cols=`; none when the usual ones are shown. */
export function useChosenColumns(): readonly string[] {
  const [url] = useUrl();
  return useMemo(() => listOf(url.cols), [url.cols]);
}

/** Which columns are shown, in the address as `cols=`. */
export function ColumnChooser<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  const [, setUrl] = useUrl();
  const shown = useChosenColumns();
  const [search, setSearch] = useState("");
  const onChange = (ids: readonly string[]) => setUrl({ cols: ids.join(",") || undefined });
  const usual = columns.filter((column) => column.usual).map((column) => column.id);
  const chosen = shown.length > 0 ? shown : usual;
  const groups = new Map<string, Column<Row>[]>();
  for (const column of columns) {
    if (column.fixed || !column.title.toLowerCase().includes(search.toLowerCase())) continue;
    groups.set(column.group ?? "Columns", [...(groups.get(column.group ?? "Columns") ?? []), column]);
  }
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <Popover
      label="Columns"
      trigger={
        <button type="button" className="button">
          <Columns3 size={14} />
          <span className="max-sm:sr-only">Columns</span>
        </button>
      }
    >
      <div className="flex w-64 flex-col gap-1 p-1">
        <input
          className="field"
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        {[...groups].map(([group, members]) => (
          <fieldset key={group} className="mt-1">
            <legend className="px-2 text-ink-3 text-xs">{group}</legend>
            {members.slice(0, 200).map((column) => (
              <label key={column.id} className="menu-item">
                <input
                  type="checkbox"
                  className="accent-(--accent)"
                  checked={chosen.includes(column.id)}
                  onChange={() => toggle(column.id)}
                />
                <span className="truncate">{column.title}</span>
              </label>
            ))}
          </fieldset>
        ))}
        <button type="button" className="button button-plain mt-1" onClick={() => onChange([])}>
          Back to the usual ones
        </button>
      </div>
    </Popover>
  );
}
