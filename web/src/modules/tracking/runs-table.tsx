import type { View } from "@atrium/contract/tracking";
import { useMemo } from "react";
import { CopyButton } from "../../lib/copy.tsx";
import { UnreadableFilter } from "../../lib/filter/filter-line.tsx";
import { plural } from "../../lib/format.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EmptyState } from "../../lib/states.tsx";
import { toCsv, visibleColumns } from "../../lib/table/column.ts";
import { useChosenColumns } from "../../lib/table/column-chooser.tsx";
import { Table } from "../../lib/table/table.tsx";
import { formatSort, useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import type { RunLine } from "./run-columns.tsx";
import { firstRunCode } from "./same-as-code.ts";
import type { RunList } from "./use-run-list.ts";

/** The runs as rows, children below their parents. */
export function RunsTable({ project, list }: { project: string; list: RunList }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const chosen = useChosenColumns();
  const { asked, lines, columns, selection } = list;
  // One step for the arrows that fold a family, where there is a family.
  const room = useMemo(() => (lines.some((line) => line.children > 0) ? 1 : 0), [lines]);
  const isFiltered = asked.filter !== "" || asked.experimentIds.length > 0;
  return (
    <Table
      name="runs"
      label="Runs"
      rows={lines}
      rowId={({ row }) => row.id}
      depth={({ depth }) => depth + room}
      columns={columns}
      chosen={chosen}
      sort={asked.sort}
      onSort={(sort) => setUrl({ sort: formatSort(sort) })}
      selected={selection.selected}
      onSelect={selection.onSelect}
      active={url.peek}
      onActivate={({ row }) => setUrl({ peek: row.id })}
      onOpen={({ row }) => go(paths.run(project, row.id))}
      onEndReached={list.more}
      empty={
        list.filterError !== undefined ? (
          <UnreadableFilter />
        ) : (
          <Empty project={project} view={asked.view} filtered={isFiltered ? "filtered" : "all"} />
        )
      }
      footer={<Footer list={list} chosen={chosen} />}
    />
  );
}

function Footer({ list, chosen }: { list: RunList; chosen: readonly string[] }) {
  const { rows, lines, columns, hasMore } = list;
  const count = list.selection.selected.size;
  return (
    <>
      <span>
        {plural(rows.length, "run")}
        {hasMore ? " loaded, more below" : ""}
      </span>
      {count > 0 && <span>{count} selected</span>}
      <span className="ml-auto flex items-center gap-1">
        CSV{" "}
        <CopyButton
          what="these rows as CSV"
          text={() => toCsv<RunLine>(visibleColumns(columns, chosen, "wide"), lines)}
        />
      </span>
    </>
  );
}

function Empty({ project, view, filtered }: { project: string; view: View; filtered: "filtered" | "all" }) {
  if (filtered === "filtered")
    return <EmptyState title="No run matches">Loosen the filter, or pick other experiments.</EmptyState>;
  if (view === "deleted")
    return <EmptyState title="No deleted runs">Deleted runs wait here until they are purged.</EmptyState>;
  return (
    <EmptyState
      title="No runs yet"
      drawing="chart"
      action={<TokenCommand command={(token) => firstRunCode(project, token)} />}
    >
      A run is one tracked execution: its parameters, metrics and files. This works with the mlflow client you
      know.
    </EmptyState>
  );
}
