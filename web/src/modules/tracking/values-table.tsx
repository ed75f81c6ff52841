import type { MetricValue } from "@atrium/contract/tracking";
import { useState } from "react";
import { CopyButton } from "../../lib/copy.tsx";
import { plural } from "../../lib/format.ts";
import { Num } from "../../lib/words.tsx";

// A run may carry thousands of params; the page shows this many until asked for all.
const SHOWN_AT_FIRST = 50;
const SEARCH_FROM = 12;

/** Names and values of one kind, searchable when there are many. */
export function ValuesTable({
  title,
  values,
  kind = "texts",
}: {
  title: string;
  values: Readonly<Record<string, MetricValue>> | Readonly<Record<string, string>>;
  /** Numbers are written short, with `NaN` and the infinities among them; texts stay as they are. */
  kind?: "numbers" | "texts";
}) {
  const [search, setSearch] = useState("");
  const [all, setAll] = useState<"all" | "some">("some");
  const names = Object.keys(values).sort();
  const found = names.filter((name) => name.toLowerCase().includes(search.toLowerCase()));
  const shown = all === "all" ? found : found.slice(0, SHOWN_AT_FIRST);
  return (
    <section className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2>{title}</h2>
        <span className="nums text-ink-3 text-xs">{names.length}</span>
        {names.length >= SEARCH_FROM && (
          <input
            className="ml-auto h-6 w-36 rounded border border-line bg-surface px-2 text-xs"
            aria-label={`Find in ${title.toLowerCase()}`}
            placeholder="Find"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
      </header>
      {names.length === 0 && <p className="p-3 text-ink-3">None.</p>}
      {names.length > 0 && (
        <table className="w-full table-fixed">
          <tbody>
            {shown.map((name) => {
              const value = values[name];
              return (
                <tr key={name} className="group border-line border-b last:border-0">
                  <th
                    scope="row"
                    className="w-2/5 truncate px-3 py-1 text-left font-normal text-ink-2"
                    title={name}
                  >
                    {name}
                  </th>
                  <td className="px-3 py-1">
                    <span className="flex items-start gap-1">
                      <span className="min-w-0 flex-1 break-words">
                        {kind === "numbers" ? <Num value={value} /> : value}
                      </span>
                      <span className="opacity-0 focus-within:opacity-100 group-hover:opacity-100">
                        <CopyButton text={String(value)} what={name} />
                      </span>
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {shown.length < found.length && (
        <button type="button" className="link p-3" onClick={() => setAll("all")}>
          Show {plural(found.length - shown.length, "more", "more")}
        </button>
      )}
    </section>
  );
}
