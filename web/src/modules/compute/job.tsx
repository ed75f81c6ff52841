import type { JobDetails } from "@atrium/contract/compute";
import { useParams } from "@tanstack/react-router";
import { CircleStop } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { toast } from "../../lib/toast.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { cancelJob, hasEnded, JOB_READS, useJob } from "./compute-api.ts";
import { JobLogView } from "./job-log-view.tsx";
import { JobOverview } from "./job-overview.tsx";
import { JobStatus } from "./job-status.tsx";
import { originOf } from "./origin.ts";
import { jobCode } from "./same-as-code.ts";

const ID_SHOWN = 24;
const NotebookRunCells = lazy(() =>
  import("../notebooks/run-cells.tsx").then((module) => ({ default: module.NotebookRunCells })),
);

/** One job: how it stands, what it was given, what it printed. */
export function JobScreen() {
  const project = useProject();
  const { job: id = "" } = useParams({ strict: false }) as { job?: string };
  const { data: job, error, refetch } = useJob(project, id);
  if (error && !job) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!job) return <Skeleton rows={10} />;
  return <JobPage project={project} job={job} />;
}

function JobPage({ project, job }: { project: string; job: JobDetails }) {
  const { can } = useSession();
  const fresh = useFresh(JOB_READS);
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const go = useGo();
  const origin = originOf(project, job);
  const cancel = () =>
    fresh(() => cancelJob({ project, params: { job: job.id } })).then(
      () => toast(`${job.name} is ending`),
      () => undefined,
    );
  return (
    <>
      <ObjectHeader
        kind="Job"
        name={job.name}
        id={job.id}
        idLength={ID_SHOWN}
        facts={
          <>
            <JobStatus state={job.state} />
            <span>{job.submittedBy}</span>
            <span>
              <Ago at={job.queuedMs} />
              {job.startedMs !== null && (
                <>
                  , {job.endedMs === null ? "for" : "took"} <Elapsed from={job.startedMs} to={job.endedMs} />
                </>
              )}
            </span>
            {origin?.to && (
              <Link to={origin.to} className="link">
                {origin.words}
              </Link>
            )}
          </>
        }
        actions={
          <>
            {can("job:write") && !hasEnded(job) && (
              <button type="button" className="button button-danger" onClick={() => void cancel()}>
                <CircleStop size={14} /> Cancel
              </button>
            )}
            <MoreMenu
              items={[
                { title: "Show in logs & metrics", run: () => go(paths.logsOf(project, "job", job.id)) },
                { title: "Copy as code", run: () => setCode("shown") },
              ]}
            />
          </>
        }
      />
      <Reason job={job} />
      <Tabs
        tabs={[
          ...(job.origin?.type === "notebook-run" ? [notebookTab(project, job.origin.id)] : []),
          { id: "overview", title: "Overview", content: () => <JobOverview project={project} job={job} /> },
          { id: "log", title: "Log", content: () => <JobLog project={project} job={job} /> },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="job" id={job.id} />,
          },
        ]}
      />
      {code === "shown" && <CodeDialog code={jobCode(project, job.id)} onClose={() => setCode("hidden")} />}
    </>
  );
}

function Reason({ job: { reason, state } }: { job: JobDetails }) {
  if (!reason) return null;
  return (
    <p
      className={`mx-4 mb-2 break-words rounded-md px-3 py-1.5 ${state === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft"}`}
    >
      {reason}
    </p>
  );
}

/** What a notebook printed and drew stands in its cells: that is what one comes for. */
function notebookTab(project: string, run: string): Tab {
  return {
    id: "notebook",
    title: "Notebook",
    content: () => (
      <Suspense fallback={<Skeleton rows={10} />}>
        <NotebookRunCells project={project} run={run} />
      </Suspense>
    ),
  };
}

function JobLog({ project, job }: { project: string; job: JobDetails }) {
  const [url, setUrl] = useUrl();
  const asked = Number(url.attempt);
  const attempt = job.attempts.some((one) => one.number === asked) ? asked : job.attempt;
  if (job.attempt === 0)
    return <EmptyState title="It has not begun">What it prints stands here as it comes.</EmptyState>;
  return (
    <>
      {job.attempts.length > 1 && (
        <div className="flex shrink-0 px-4 pt-3">
          <select
            className="field !h-7 !w-auto"
            aria-label="Attempt"
            value={attempt}
            onChange={(event) => setUrl({ attempt: event.target.value })}
          >
            {job.attempts.map((one) => (
              <option key={one.number} value={one.number}>
                Attempt {one.number}
              </option>
            ))}
          </select>
        </div>
      )}
      <JobLogView project={project} job={job.id} attempt={attempt} />
    </>
  );
}
