import type { PipelineRun, PipelineRunState } from "@atrium/contract/pipelines";
import { type ReactNode, useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Column, visibleColumns } from "../../lib/table/column.ts";
import { ColumnChooser, useChosenColumns } from "../../lib/table/column-chooser.tsx";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { usePipelineRuns } from "./pipelines-api.ts";
import { runColumns } from "./run-columns.tsx";
import { RunPeek } from "./run-peek.tsx";

const STATES: Record<PipelineRunState, string> = {
  running: "Running",
  cancelling: "Cancelling",
  succeeded: "Finished",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** Runs of all pipelines, or of one, the newest first. */
export function PipelineRuns({
  project,
  pipelineId,
  empty,
}: {
  project: string;
  pipelineId?: string;
  empty: ReactNode;
}) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const state = stateOf(url.state);
  const archived = url.view === "archived" ? "true" : "false";
  const asked = { state, pipelineId, archived } as const;
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = usePipelineRuns(project, asked);
  const columns = useMemo(() => runColumns(project, longestOf(rows)), [project, rows]);
  const chosen = useChosenColumns();
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  return (
    <>
      <Choices state={state} archived={archived} columns={columns} />
      <Table
        name="pipeline-runs"
        label="Pipeline runs"
        rows={rows}
        rowId={(run) => run.id}
        columns={columns}
        chosen={chosen}
        active={url.peek}
        onActivate={(run) => setUrl({ peek: run.id })}
        onOpen={(run) => go(paths.pipelineRun(project, run.id))}
        onEndReached={onEndReached}
        empty={
          state || archived === "true" ? (
            <EmptyState title="No run matches">Choose any state.</EmptyState>
          ) : (
            empty
          )
        }
        footer={
          <RowsFooter
            noun="run"
            rows={rows}
            hasMore={hasNextPage}
            columns={visibleColumns(columns, chosen, "wide")}
          />
        }
      />
      {url.peek && (
        <Peek
          title={rows.find((run) => run.id === url.peek)?.name ?? "Pipeline run"}
          to={paths.pipelineRun(project, url.peek)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <RunPeek project={project} id={url.peek} />
        </Peek>
      )}
    </>
  );
}

/** Which runs are shown, and what of them. */
function Choices({
  state,
  archived,
  columns,
}: {
  state: PipelineRunState | undefined;
  archived: "true" | "false";
  columns: readonly Column<PipelineRun>[];
}) {
  const [, setUrl] = useUrl();
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 py-3">
      <select
        className="field !h-7 !w-auto"
        aria-label="State"
        value={state ?? ""}
        onChange={(event) => setUrl({ state: event.target.value || undefined }, "push")}
      >
        <option value="">Any state</option>
        {Object.entries(STATES).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      <select
        className="field !h-7 !w-auto"
        aria-label="Which"
        value={archived}
        onChange={(event) => setUrl({ view: event.target.value === "true" ? "archived" : undefined }, "push")}
      >
        <option value="false">Active</option>
        <option value="true">Archived</option>
      </select>
      <span className="ml-auto" />
      <ColumnChooser columns={columns} />
    </div>
  );
}

function longestOf(runs: readonly PipelineRun[]): number {
  return Math.max(0, ...runs.map((run) => (run.endedMs ?? Date.now()) - run.createdMs));
}

function stateOf(text: string | undefined): PipelineRunState | undefined {
  return text && text in STATES ? (text as PipelineRunState) : undefined;
}
