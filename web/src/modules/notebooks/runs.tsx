import type { NotebookRun } from "@atrium/contract/notebooks";
import { useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { formatTime } from "../../lib/format.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Column, visibleColumns } from "../../lib/table/column.ts";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { JobStatus } from "../compute/job-status.tsx";
import { useRuns } from "./notebooks-api.ts";
import { shownValue } from "./parameters.ts";

/** Notebooks that ran as jobs, of the whole project or of one file. */
export function Runs({ project, path }: { project: string; path?: string }) {
  const go = useGo();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useRuns(project, path);
  const columns = useMemo(() => columnsOf(project), [project]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <Table
      name="notebook-runs"
      label="Notebook runs"
      rows={rows}
      rowId={(run) => run.id}
      columns={columns}
      onOpen={(run) => go(paths.notebookRun(project, run.id))}
      onEndReached={onEndReached}
      empty={
        <EmptyState title="No notebook has run as a job">
          Run one from its page: it runs from its first cell to its last on the server, and every cell's
          output is kept.
        </EmptyState>
      }
      footer={
        <RowsFooter
          noun="run"
          rows={rows}
          hasMore={hasNextPage}
          columns={visibleColumns(columns, [], "wide")}
        />
      }
    />
  );
}

function columnsOf(project: string): Column<NotebookRun>[] {
  return [
    {
      id: "notebook",
      title: "Notebook",
      width: 280,
      fixed: "first",
      text: (run) => run.path,
      cell: (run) => (
        <Link to={paths.notebookRun(project, run.id)} className="font-medium hover:underline">
          {run.path}
        </Link>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 110,
      usual: "shown",
      text: (run) => run.state,
      cell: (run) => <JobStatus state={run.state} />,
    },
    {
      id: "cells",
      title: "Cells",
      width: 120,
      usual: "shown",
      text: (run) => `${run.cells.done} of ${run.cells.total}`,
      cell: (run) => <Progress cells={run.cells} />,
    },
    {
      id: "took",
      title: "Took",
      width: 90,
      usual: "shown",
      align: "end",
      text: (run) => (run.endedMs === null ? null : run.endedMs - run.queuedMs),
      cell: (run) => <Elapsed from={run.queuedMs} to={run.endedMs} />,
    },
    {
      id: "started",
      title: "Started",
      width: 110,
      usual: "shown",
      text: (run) => formatTime(run.queuedMs),
      cell: (run) => <Ago at={run.queuedMs} />,
    },
    {
      id: "by",
      title: "By",
      width: 140,
      usual: "shown",
      text: (run) => run.startedBy,
      cell: (run) => run.startedBy,
    },
    {
      id: "parameters",
      title: "Parameters",
      width: 280,
      usual: "shown",
      text: (run) => parametersOf(run),
      cell: (run) => <code title={parametersOf(run)}>{parametersOf(run) || "–"}</code>,
    },
    {
      id: "version",
      title: "Version",
      width: 80,
      usual: "shown",
      align: "end",
      text: (run) => run.version,
      cell: (run) => (
        <Link className="nums hover:underline" to={paths.notebook(project, run.path, run.version)}>
          {run.version}
        </Link>
      ),
    },
  ];
}

function parametersOf(run: NotebookRun): string {
  return Object.entries(run.parameters)
    .map(([name, value]) => `${name} = ${shownValue(value)}`)
    .join(", ");
}

/** How many cells have run, as a bar with its numbers. */
export function Progress({ cells: { done, total } }: { cells: NotebookRun["cells"] }) {
  // How many there are is known once the first one runs.
  if (total === 0) return <span className="text-ink-3">–</span>;
  return (
    <span className="flex items-center gap-2">
      <span className="h-1.5 w-12 overflow-hidden rounded-full bg-hover" aria-hidden>
        <span
          className="block h-full bg-accent"
          style={{ width: `${Math.min(100, (done / total) * 100)}%` }}
        />
      </span>
      <span className="nums whitespace-nowrap">
        {done} of {total}
      </span>
    </span>
  );
}
