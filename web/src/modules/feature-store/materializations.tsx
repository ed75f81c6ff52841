import type { Materialization } from "@atrium/contract/feature-store";
import { formatCount, plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Elapsed, Status } from "../../lib/words.tsx";
import { useMaterializations } from "./features-api.ts";

/** What was brought online and when; one that runs shows how far it is. */
export function Materializations({
  project,
  name,
  dataset,
}: {
  project: string;
  name: string;
  dataset: string;
}) {
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useMaterializations(project, name);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  if (rows.length === 0)
    return (
      <EmptyState
        title="Nothing has been brought online yet"
        command={`atrium features materialize ${name} --project ${project}`}
      >
        Endpoints and clients read online values; bring the view's history there.
      </EmptyState>
    );
  return (
    <ol className="flex flex-col gap-3 p-4">
      {rows.map((run) => (
        <Run key={run.id} project={project} dataset={dataset} run={run} />
      ))}
      {hasNextPage && (
        <li>
          <button type="button" className="button" onClick={() => void fetchNextPage()}>
            Show earlier
          </button>
        </li>
      )}
    </ol>
  );
}

function Run({ project, dataset, run }: { project: string; dataset: string; run: Materialization }) {
  return (
    <li className="card flex min-w-0 flex-col gap-2 p-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Status status={run.state} />
        <span>
          {run.mode === "full" ? "everything" : "what came since"} as of <Ago at={run.asOfMs} />
        </span>
        <Link className="link" to={paths.datasetVersion(project, dataset, run.datasetVersion)}>
          {dataset} v{run.datasetVersion}
        </Link>
        <span className="nums text-ink-2">
          {plural(run.rowsRead, "row")} read, {formatCount(run.rowsWritten)} written
        </span>
        <span className="ml-auto text-ink-3">
          <Elapsed from={run.startedMs} to={run.endedMs} /> by {run.createdBy}
        </span>
      </div>
      {(run.state === "running" || run.state === "queued") && <Progress run={run} />}
      {run.error && <p className="text-bad">{run.error}</p>}
    </li>
  );
}

function Progress({ run: { partsDone, parts } }: { run: Materialization }) {
  const share = parts ? partsDone / parts : 0;
  return (
    <div
      role="progressbar"
      aria-label="Parts that are online"
      aria-valuemin={0}
      aria-valuemax={parts ?? 0}
      aria-valuenow={partsDone}
      className="h-1.5 overflow-hidden rounded-full bg-hover"
    >
      <div className="h-full bg-running" style={{ width: `${Math.max(2, share * 100)}%` }} />
    </div>
  );
}
