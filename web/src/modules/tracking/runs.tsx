import type { View } from "@atrium/contract/tracking";
import { GitCompareArrows, Trash2, Undo2 } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { CopyAsCode } from "../../lib/code.tsx";
import { runColours } from "../../lib/colours.ts";
import { CopyButton } from "../../lib/copy.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { FilterBar } from "../../lib/filter/filter-bar.tsx";
import { plural } from "../../lib/format.ts";
import { useShortcuts } from "../../lib/keys.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { toCsv, visibleColumns } from "../../lib/table/column.ts";
import { ColumnChooser } from "../../lib/table/column-chooser.tsx";
import { selectedAfter, toggled } from "../../lib/table/selection.ts";
import { Table } from "../../lib/table/table.tsx";
import { formatSort, listOf, parseSort, useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { COMPARE_MAX, COMPARE_MIN } from "./compare-limits.ts";
import { ExperimentPicker } from "./experiment-picker.tsx";
import { FilterHelp, runVocabulary } from "./filter-words.tsx";
import { type RunLine, runColumns } from "./run-columns.tsx";
import { RunPeek } from "./run-peek.tsx";
import { nestRuns } from "./run-tree.ts";
import { type RunRow, useRunSearch } from "./runs-api.ts";
import { firstRunCode, searchCode } from "./same-as-code.ts";
import { useRunActions } from "./use-run-actions.ts";

// Each is a request of its own; a larger clean-up is a script's work.
const CHANGED_AT_ONCE_MAX = 200;

/** All runs of a project: filtered, sorted, nested, with a peek beside them and a comparison one key away. */
export function RunsScreen() {
  const project = useProject();
  const go = useGo();
  const [url, setUrl] = useUrl();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const asked = {
    experimentIds: listOf(url.experiments),
    filter: url.filter ?? "",
    sort: parseSort(url.sort),
    view: viewOf(url.view),
  };
  const search = useRunSearch(project, asked);
  const { rows, more } = search;
  const flat = url.group === "flat" || url.sort !== undefined;
  const lines = useMemo(
    () => (flat ? rows.map((row) => ({ row, depth: 0, children: 0 })) : nestRuns(rows, folded)),
    [rows, folded, flat],
  );
  // One step for the arrows that fold a family, where there is a family.
  const room = useMemo(() => (lines.some((line) => line.children > 0) ? 1 : 0), [lines]);
  const colours = useMemo(() => runColours([...selected]), [selected]);
  const columns = useMemo(
    () =>
      runColumns({ project, rows, colours, folded, onFold: (id) => setFolded((now) => toggled(now, id)) }),
    [project, rows, colours, folded],
  );
  const chosen = useMemo(() => listOf(url.cols), [url.cols]);
  const vocabulary = useMemo(() => runVocabulary(rows), [rows]);
  const onEndReached = useCallback(() => void more(), [more]);
  const badFilter = search.error?.status === 400 ? search.error.message : undefined;
  const filtered = Boolean(url.filter) || asked.experimentIds.length > 0;

  return (
    <>
      <RoomHeader title={asked.view === "deleted" ? "Deleted runs" : "Runs"}>
        <ExperimentPicker
          project={project}
          chosen={asked.experimentIds}
          onChange={(ids) => setUrl({ experiments: ids.join(",") || undefined }, "push")}
        />
        <SelectionActions
          project={project}
          view={asked.view}
          selected={rows.filter((row) => selected.has(row.id))}
          onDone={() => setSelected(new Set())}
        />
        <MoreMenu
          items={[
            { title: "Copy as code", run: () => setCode("shown") },
            {
              title: flat ? "Group child runs" : "Show a flat list",
              run: () => setUrl(flat ? { group: undefined, sort: undefined } : { group: "flat" }),
            },
            { title: "Select none", run: () => setSelected(new Set()) },
            "line",
            {
              title: asked.view === "deleted" ? "Show the active runs" : "Show the deleted runs",
              run: () => {
                setSelected(new Set());
                setUrl({ view: asked.view === "deleted" ? undefined : "deleted", peek: undefined }, "push");
              },
            },
          ]}
        />
      </RoomHeader>
      <div className="flex shrink-0 items-start gap-2 px-4 pb-3">
        <FilterBar
          value={asked.filter}
          onApply={(filter) => setUrl({ filter: filter || undefined }, "push")}
          vocabulary={vocabulary}
          help={<FilterHelp />}
          error={badFilter}
          placeholder="metrics.rmse < 0.5 and params.model = 'xgb'"
        />
        <ColumnChooser
          columns={columns}
          shown={chosen}
          onChange={(ids) => setUrl({ cols: ids.join(",") || undefined })}
        />
      </div>
      {search.error && !badFilter ? (
        <ErrorState error={search.error} onRetry={search.retry} />
      ) : search.loading ? (
        <Skeleton rows={10} />
      ) : (
        <Table
          name="runs"
          label="Runs"
          rows={lines}
          rowId={(line) => line.row.id}
          depth={(line) => line.depth + room}
          columns={columns}
          chosen={chosen}
          sort={asked.sort}
          onSort={(sort) => setUrl({ sort: formatSort(sort) })}
          selected={selected}
          onSelect={(id, how) =>
            setSelected(
              selectedAfter(
                lines.map((line) => line.row.id),
                selected,
                { id, how },
              ),
            )
          }
          active={url.peek}
          onActivate={(line) => setUrl({ peek: line.row.id })}
          onOpen={(line) => go(paths.run(project, line.row.id))}
          onEndReached={onEndReached}
          empty={
            badFilter ? (
              <EmptyState title="The filter cannot be read">The line below it says why.</EmptyState>
            ) : (
              <Empty project={project} view={asked.view} filtered={filtered ? "filtered" : "all"} />
            )
          }
          footer={
            <>
              <span>
                {plural(rows.length, "run")}
                {search.hasMore ? " loaded, more below" : ""}
              </span>
              {selected.size > 0 && <span>{selected.size} selected</span>}
              <span className="ml-auto flex items-center gap-1">
                CSV{" "}
                <CopyButton
                  what="these rows as CSV"
                  text={() => toCsv<RunLine>(visibleColumns(columns, chosen, "wide"), lines)}
                />
              </span>
            </>
          }
        />
      )}
      {url.peek && (
        <Peek
          title={rows.find((run) => run.id === url.peek)?.name ?? "Run"}
          to={paths.run(project, url.peek)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <RunPeek project={project} id={url.peek} />
        </Peek>
      )}
      {code === "shown" && (
        <Dialog title="The same as code" wide="wide" onClose={() => setCode("hidden")}>
          <CopyAsCode code={searchCode(project, asked)} />
        </Dialog>
      )}
    </>
  );
}

/** What can be done with the selected runs: compare, delete; in the deleted view, restore. */
function SelectionActions({
  project,
  view,
  selected,
  onDone,
}: {
  project: string;
  view: View;
  selected: readonly RunRow[];
  onDone: () => void;
}) {
  const { can } = useSession();
  const go = useGo();
  const actions = useRunActions(project);
  const count = selected.length;
  const comparable = count >= COMPARE_MIN && count <= COMPARE_MAX;
  const compare = () => {
    if (comparable)
      go(
        paths.compareRuns(
          project,
          selected.map((run) => run.id),
        ),
      );
  };
  useShortcuts([{ keys: "c", does: "Compare the selected runs", where: "Runs", run: compare }]);
  const changeable = count > 0 && count <= CHANGED_AT_ONCE_MAX && can("run:delete");
  return (
    <>
      {changeable && view === "active" && (
        <button
          type="button"
          className="button"
          onClick={() => void actions.remove(selected).then((how) => how === "done" && onDone())}
        >
          <Trash2 size={14} /> <span className="max-sm:sr-only">Delete</span>
          <span className="nums">{count}</span>
        </button>
      )}
      {changeable && view === "deleted" && (
        <button
          type="button"
          className="button"
          onClick={() => void actions.restore(selected).then((how) => how === "done" && onDone())}
        >
          <Undo2 size={14} /> Restore <span className="nums">{count}</span>
        </button>
      )}
      {view === "active" && (
        <button
          type="button"
          className="button"
          disabled={!comparable}
          title={
            count > COMPARE_MAX
              ? `At most ${COMPARE_MAX} runs stand side by side`
              : `Select ${COMPARE_MIN} to ${COMPARE_MAX} runs`
          }
          onClick={compare}
        >
          <GitCompareArrows size={14} /> Compare
          {count > 0 && <span className="nums">{count}</span>}
        </button>
      )}
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

function viewOf(text: string | undefined): View {
  return text === "deleted" || text === "all" ? text : "active";
}
