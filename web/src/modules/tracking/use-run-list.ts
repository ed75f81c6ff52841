import type { View } from "@atrium/contract/tracking";
import { useCallback, useMemo, useState } from "react";
import { runColours } from "../../lib/colours.ts";
import { filterErrorOf } from "../../lib/filter/filter-line.tsx";
import { toggled, useSelection } from "../../lib/table/selection.ts";
import { listOf, parseSort, useUrl } from "../../lib/url.ts";
import { type RunLine, runColumns } from "./run-columns.tsx";
import { nestRuns } from "./run-tree.ts";
import { useRunSearch } from "./runs-api.ts";

const idOf = ({ row }: RunLine) => row.id;

export type RunList = ReturnType<typeof useRunList>;

/** The runs that the address asks for, as lines of a table: nested until somebody sorts them or wants them flat. */
export function useRunList(project: string) {
  const [url] = useUrl();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const asked = {
    experimentIds: listOf(url.experiments),
    filter: url.filter ?? "",
    sort: parseSort(url.sort),
    view: viewOf(url.view),
  };
  const search = useRunSearch(project, asked);
  const { rows, more } = search;
  const isFlat = url.group === "flat" || url.sort !== undefined;
  const lines = useMemo<readonly RunLine[]>(
    () => (isFlat ? rows.map((row) => ({ row, depth: 0, children: 0 })) : nestRuns(rows, folded)),
    [rows, folded, isFlat],
  );
  const selection = useSelection(lines, idOf);
  const { selected } = selection;
  const colours = useMemo(() => runColours([...selected]), [selected]);
  const columns = useMemo(
    () =>
      runColumns({ project, rows, colours, folded, onFold: (id) => setFolded((now) => toggled(now, id)) }),
    [project, rows, colours, folded],
  );
  return {
    ...search,
    ...{ asked, isFlat, lines, columns, selection },
    more: useCallback(() => void more(), [more]),
    /** What the server did not understand of the filter. */
    filterError: filterErrorOf(search.error),
  };
}

function viewOf(text: string | undefined): View {
  return text === "deleted" || text === "all" ? text : "active";
}
