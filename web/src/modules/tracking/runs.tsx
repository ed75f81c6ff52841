import { GitCompareArrows } from "lucide-react";
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
import { useProject } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { toCsv, visibleColumns } from "../../lib/table/column.ts";
import { ColumnChooser } from "../../lib/table/column-chooser.tsx";
import { Table } from "../../lib/table/table.tsx";
import { formatSort, listOf, parseSort, useUrl } from "../../lib/url.ts";
import { ExperimentPicker } from "./experiment-picker.tsx";
import { FilterHelp, runVocabulary } from "./filter-words.tsx";
import { runColumns } from "./run-columns.tsx";
import { RunPeek } from "./run-peek.tsx";
import { nestRuns } from "./run-tree.ts";
import { useRunSearch } from "./runs-api.ts";
import { firstRunCode, searchCode } from "./same-as-code.ts";

const COMPARE_MIN = 2;
const COMPARE_MAX = 20;

/** All runs of a project: filtered, sorted, nested, with a peek beside them and a comparison one key away. */
export function RunsScreen() {
  const project = useProject();
  const go = useGo();
  const [url, setUrl] = useUrl();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const experiments = listOf(url.experiments);
  const search = useRunSearch(project, {
    experimentIds: experiments,
    filter: url.filter ?? "",
    sort: parseSort(url.sort),
  });
  const rows = search.rows;
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
  const onEndReached = useCallback(() => search.more(), [search.more]);
  const compare = () => {
    if (selected.size >= COMPARE_MIN && selected.size <= COMPARE_MAX)
      go(paths.compareRuns(project, [...selected]));
  };
  useShortcuts([{ keys: "c", does: "Compare the selected runs", where: "Runs", run: compare }]);
  const select = (id: string, how: "one" | "through") => {
    if (how === "one" || selected.size === 0) return setSelected(toggled(selected, id));
    const ids = lines.map((line) => line.row.id);
    const last = [...selected].at(-1) ?? id;
    const [from, to] = [ids.indexOf(last), ids.indexOf(id)].sort((a, b) => a - b);
    setSelected(new Set([...selected, ...ids.slice(from, (to ?? 0) + 1)]));
  };
  const badFilter = search.error?.status === 400 ? search.error.message : undefined;
  const filtered = Boolean(url.filter) || experiments.length > 0;

  return (
    <>
      <RoomHeader title="Runs">
        <ExperimentPicker
          project={project}
          chosen={experiments}
          onChange={(ids) => setUrl({ experiments: ids.join(",") || undefined }, "push")}
        />
        <button
          type="button"
          className="button"
          disabled={selected.size < COMPARE_MIN || selected.size > COMPARE_MAX}
          title={
            selected.size > COMPARE_MAX
              ? `At most ${COMPARE_MAX} runs stand side by side`
              : "Select two or more runs"
          }
          onClick={compare}
        >
          <GitCompareArrows size={14} /> Compare
          {selected.size > 0 && <span className="nums">{selected.size}</span>}
        </button>
        <MoreMenu
          items={[
            { title: "Copy as code", run: () => setCode("shown") },
            {
              title: flat ? "Group child runs" : "Show a flat list",
              run: () =>
                setUrl({
                  group: url.group === "flat" ? undefined : "flat",
                  sort: url.group === "flat" ? url.sort : undefined,
                }),
            },
            { title: "Select none", run: () => setSelected(new Set()) },
          ]}
        />
      </RoomHeader>
      <div className="flex shrink-0 items-start gap-2 px-4 pb-3">
        <FilterBar
          value={url.filter ?? ""}
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
          sort={parseSort(url.sort)}
          onSort={(sort) => setUrl({ sort: formatSort(sort) })}
          selected={selected}
          onSelect={select}
          active={url.peek}
          onActivate={(line) => setUrl({ peek: line.row.id })}
          onOpen={(line) => go(paths.run(project, line.row.id))}
          onEndReached={onEndReached}
          empty={
            filtered ? (
              <EmptyState title="No run matches">Loosen the filter, or pick other experiments.</EmptyState>
            ) : (
              <NoRuns project={project} />
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
                  text={() => toCsv(visibleColumns(columns, chosen, "wide"), lines)}
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
          <CopyAsCode code={searchCode(project, { experimentIds: experiments, filter: url.filter ?? "" })} />
        </Dialog>
      )}
    </>
  );
}

function NoRuns({ project }: { project: string }) {
  return (
    <EmptyState title="No runs yet" drawing="chart" command={firstRunCode(project)}>
      A run is one tracked execution: its parameters, metrics and files. This works with the mlflow client you
      know.
    </EmptyState>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
