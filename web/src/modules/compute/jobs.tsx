import type { JobState } from "@atrium/contract/compute";
import { useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { visibleColumns } from "../../lib/table/column.ts";
import { ColumnChooser, useChosenColumns } from "../../lib/table/column-chooser.tsx";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { useJobs } from "./compute-api.ts";
import { jobColumns } from "./job-columns.tsx";
import { JobPeek } from "./job-peek.tsx";
import { firstJobCode } from "./same-as-code.ts";

const STATES: Record<JobState, string> = {
  queued: "Queued",
  preparing: "Preparing",
  running: "Running",
  succeeded: "Finished",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** The project's jobs, the newest first. */
export function Jobs({ project }: { project: string }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const state = url.state && url.state in STATES ? (url.state as JobState) : undefined;
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useJobs(project, { state });
  const columns = useMemo(() => jobColumns(project), [project]);
  const chosen = useChosenColumns();
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  return (
    <>
      <div className="flex shrink-0 items-center gap-2 px-4 py-3">
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
        <span className="ml-auto" />
        <ColumnChooser columns={columns} />
      </div>
      <Table
        name="jobs"
        label="Jobs"
        rows={rows}
        rowId={(job) => job.id}
        columns={columns}
        chosen={chosen}
        active={url.peek}
        onActivate={(job) => setUrl({ peek: job.id })}
        onOpen={(job) => go(paths.job(project, job.id))}
        onEndReached={onEndReached}
        empty={<Empty project={project} state={state} />}
        footer={
          <RowsFooter
            noun="job"
            rows={rows}
            hasMore={hasNextPage}
            columns={visibleColumns(columns, chosen, "wide")}
          />
        }
      />
      {url.peek && (
        <Peek
          title={rows.find((job) => job.id === url.peek)?.name ?? "Job"}
          to={paths.job(project, url.peek)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <JobPeek project={project} id={url.peek} />
        </Peek>
      )}
    </>
  );
}

function Empty({ project, state }: { project: string; state: JobState | undefined }) {
  if (state)
    return <EmptyState title={`No job is ${STATES[state].toLowerCase()}`}>Choose any state.</EmptyState>;
  return (
    <EmptyState
      title="No jobs yet"
      drawing="flow"
      action={<TokenCommand command={(token) => firstJobCode(project, token)} />}
    >
      A job is a command with its files, packages and limits, run on this machine. In the folder that you
      would run it from:
    </EmptyState>
  );
}
