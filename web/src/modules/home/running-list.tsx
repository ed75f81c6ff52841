import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Elapsed, Status } from "../../lib/words.tsx";
import { useJobs } from "../compute/compute-api.ts";
import { usePipelineRuns } from "../pipelines/pipelines-api.ts";
import { useRunningRuns } from "../tracking/runs-api.ts";

// Of each kind; the rooms show the rest.
const SHOWN_MAX = 6;

/** What runs in the project now, of every kind that the reader may see. */
export function RunningList({ project }: { project: string }) {
  const { can } = useSession();
  return (
    <section className="card min-w-0">
      <h2 className="border-line border-b px-3 py-2">Running now</h2>
      <ul className="peer empty:hidden">
        {can("pipeline:read") && <PipelineRuns project={project} />}
        {can("run:read") && <Runs project={project} />}
        {can("job:read") && <Jobs project={project} />}
      </ul>
      <p className="hidden p-3 text-ink-3 peer-empty:block">Nothing is running.</p>
    </section>
  );
}

function PipelineRuns({ project }: { project: string }) {
  const { rows, isPending } = usePipelineRuns(project, { state: "running" });
  if (isPending) return <Waiting />;
  return rows
    .slice(0, SHOWN_MAX)
    .map((run) => (
      <Line
        key={run.id}
        kind="pipeline"
        name={run.name}
        sinceMs={run.createdMs}
        to={paths.pipelineRun(project, run.id)}
      />
    ));
}

function Runs({ project }: { project: string }) {
  const rows = useRunningRuns(project);
  if (!rows) return <Waiting />;
  return rows
    .slice(0, SHOWN_MAX)
    .map((run) => (
      <Line key={run.id} kind="run" name={run.name} sinceMs={run.startedMs} to={paths.run(project, run.id)} />
    ));
}

/** Jobs of a pipeline are left out: their run stands in the list already. */
function Jobs({ project }: { project: string }) {
  const { rows, isPending } = useJobs(project, { state: "running" });
  if (isPending) return <Waiting />;
  return rows
    .filter((job) => job.origin?.type !== "pipeline-step")
    .slice(0, SHOWN_MAX)
    .map((job) => (
      <Line
        key={job.id}
        kind="job"
        name={job.name}
        sinceMs={job.startedMs ?? job.queuedMs}
        to={paths.job(project, job.id)}
      />
    ));
}

function Line({
  kind,
  name,
  sinceMs,
  to,
}: {
  kind: "pipeline" | "run" | "job";
  name: string;
  sinceMs: number | null;
  to: string;
}) {
  return (
    <li className="flex h-9 items-center gap-3 border-line border-b px-3 last:border-0">
      <Status status="running" />
      <Link to={to} className="min-w-0 flex-1 truncate font-medium hover:underline">
        {name}
      </Link>
      <span className="text-ink-3 text-xs">{kind}</span>
      <span className="min-w-12 text-right text-ink-3">
        <Elapsed from={sinceMs} to={undefined} />
      </span>
    </li>
  );
}

/** Holds the place of a line, so that nothing jumps when it comes. */
function Waiting() {
  return <li className="h-9" aria-hidden />;
}
