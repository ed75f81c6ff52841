import type { NotebookRun } from "@atrium/contract/notebooks";
import { useParams } from "@tanstack/react-router";
import { CircleStop, RotateCw } from "lucide-react";
import { useState } from "react";
import { addressOf } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { toast } from "../../lib/toast.tsx";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { cancelJob, hasEnded, JOB_READS } from "../compute/compute-api.ts";
import { JobLogView } from "../compute/job-log-view.tsx";
import { JobStatus } from "../compute/job-status.tsx";
import { useRun } from "./notebooks-api.ts";
import { shownValue } from "./parameters.ts";
import { NotebookRunCells } from "./run-cells.tsx";
import { RunDialog } from "./run-dialog.tsx";
import { Progress } from "./runs.tsx";
import { notebookRunCode } from "./same-as-code.ts";

const ID_SHOWN = 16;

/** A notebook that runs, or ran, as a job: its cells as they come out, its parameters, its log. */
export function NotebookRunScreen() {
  const project = useProject();
  const { notebookRun: id = "" } = useParams({ strict: false }) as { notebookRun?: string };
  const { data: run, error, refetch } = useRun(project, id);
  if (error && !run) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!run) return <Skeleton rows={10} />;
  return <RunPage project={project} run={run} />;
}

function RunPage({ project, run }: { project: string; run: NotebookRun }) {
  const { can } = useSession();
  const [over, setOver] = useState<"code" | "again" | undefined>();
  return (
    <>
      <ObjectHeader
        kind="Notebook run"
        name={run.path}
        id={run.id}
        idLength={ID_SHOWN}
        facts={<RunFacts project={project} run={run} />}
        actions={
          <>
            {can("job:write") && !hasEnded(run) && <CancelButton project={project} run={run} />}
            {can("notebook:write") && hasEnded(run) && (
              <button type="button" className="button" onClick={() => setOver("again")}>
                <RotateCw size={14} /> Run again
              </button>
            )}
            <RunMenu project={project} run={run} onCode={() => setOver("code")} />
          </>
        }
      />
      {run.reason && (
        <p
          className={`mx-4 mb-2 break-words rounded-md px-3 py-1.5 ${run.state === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft"}`}
        >
          {run.reason}
        </p>
      )}
      <Parameters run={run} />
      <Tabs
        tabs={[
          { id: "cells", title: "Cells", content: () => <NotebookRunCells project={project} run={run.id} /> },
          ...(can("job:read")
            ? [
                {
                  id: "log",
                  title: "Log",
                  content: () => (
                    <JobLogView
                      key={run.state === "queued" ? "queued" : "begun"}
                      project={project}
                      job={run.jobId}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
      {over === "again" && (
        <RunDialog
          project={project}
          of={{ path: run.path, version: run.version }}
          given={run.parameters}
          onClose={() => setOver(undefined)}
        />
      )}
      {over === "code" && (
        <CodeDialog code={notebookRunCode(project, run.id)} onClose={() => setOver(undefined)} />
      )}
    </>
  );
}

function RunMenu({ project, run, onCode }: { project: string; run: NotebookRun; onCode: () => void }) {
  const go = useGo();
  const content = addressOf("/notebooks/runs/:run/content", { project, params: { run: run.id } });
  return (
    <MoreMenu
      items={[
        { title: "Download as run", run: () => location.assign(content) },
        { title: "Show in logs & metrics", run: () => go(paths.logsOf(project, "job", run.jobId)) },
        { title: "Copy as code", run: onCode },
      ]}
    />
  );
}

function RunFacts({ project, run }: { project: string; run: NotebookRun }) {
  return (
    <>
      <JobStatus state={run.state} />
      {run.cells.total > 0 && <Progress cells={run.cells} />}
      <span>{run.startedBy}</span>
      <span>
        <Ago at={run.queuedMs} />, {run.endedMs === null ? "for" : "took"}{" "}
        <Elapsed from={run.queuedMs} to={run.endedMs} />
      </span>
      <Link to={paths.notebook(project, run.path, run.version)} className="link">
        version {run.version}
      </Link>
      <Link to={paths.job(project, run.jobId)} className="link">
        its job
      </Link>
    </>
  );
}

function CancelButton({ project, run }: { project: string; run: NotebookRun }) {
  const fresh = useFresh([...JOB_READS, "/notebooks/runs"]);
  const cancel = () =>
    fresh(() => cancelJob({ project, params: { job: run.jobId } })).then(
      () => toast(`${run.path} is ending`),
      () => undefined,
    );
  return (
    <button type="button" className="button button-danger" onClick={() => void cancel()}>
      <CircleStop size={14} /> Cancel
    </button>
  );
}

function Parameters({ run }: { run: NotebookRun }) {
  const given = Object.entries(run.parameters);
  if (given.length === 0) return null;
  return (
    <ul aria-label="Parameters" className="mx-4 mb-2 flex flex-wrap gap-2">
      {given.map(([name, value]) => (
        <li key={name} className="mono max-w-full truncate rounded border border-line px-2 py-0.5">
          <span className="text-ink-3">{name} =</span> {shownValue(value)}
        </li>
      ))}
    </ul>
  );
}
