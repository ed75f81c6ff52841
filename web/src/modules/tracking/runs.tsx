import { useMemo, useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { FilterLine } from "../../lib/filter/filter-line.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { ExperimentPicker } from "./experiment-picker.tsx";
import { FilterHelp, runVocabulary } from "./filter-words.tsx";
import { RunPeek } from "./run-peek.tsx";
import { RunsTable } from "./runs-table.tsx";
import { searchCode } from "./same-as-code.ts";
import { SelectionActions } from "./selection-actions.tsx";
import { type RunList, useRunList } from "./use-run-list.ts";

/** All runs of a project: filtered, sorted, nested, with a peek beside them and a comparison one key away. */
export function RunsScreen() {
  const project = useProject();
  const [url, setUrl] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const list = useRunList(project);
  const { rows, asked, selection, filterError } = list;
  const vocabulary = useMemo(() => runVocabulary(rows), [rows]);
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
          selected={rows.filter((row) => selection.selected.has(row.id))}
          onDone={selection.clear}
        />
        <ListMenu list={list} onCode={() => setCode("shown")} />
      </RoomHeader>
      <FilterLine
        columns={list.columns}
        vocabulary={vocabulary}
        help={<FilterHelp />}
        error={filterError}
        placeholder="metrics.rmse < 0.5 and params.model = 'xgb'"
      />
      {list.error && !filterError ? (
        <ErrorState error={list.error} onRetry={list.retry} />
      ) : list.loading ? (
        <Skeleton rows={10} />
      ) : (
        <RunsTable project={project} list={list} />
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
      {code === "shown" && <CodeDialog code={searchCode(project, asked)} onClose={() => setCode("hidden")} />}
    </>
  );
}

/** How the list looks: flat or nested, the active runs or the deleted ones. */
function ListMenu({ list, onCode }: { list: RunList; onCode: () => void }) {
  const [, setUrl] = useUrl();
  const { asked, isFlat, selection } = list;
  return (
    <MoreMenu
      items={[
        { title: "Copy as code", run: onCode },
        {
          title: isFlat ? "Group child runs" : "Show a flat list",
          run: () => setUrl(isFlat ? { group: undefined, sort: undefined } : { group: "flat" }),
        },
        { title: "Select none", run: selection.clear },
        "line",
        {
          title: asked.view === "deleted" ? "Show the active runs" : "Show the deleted runs",
          run: () => {
            selection.clear();
            setUrl({ view: asked.view === "deleted" ? undefined : "deleted", peek: undefined }, "push");
          },
        },
      ]}
    />
  );
}
