import type { PipelineRun, PipelineStep } from "@atrium/contract/pipelines";
import { useParams } from "@tanstack/react-router";
import { CircleStop, Play, RotateCw } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFarewell, useFresh, useUndoable } from "../../lib/fresh.ts";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { DeletedNote, ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Ago, Elapsed } from "../../lib/words.tsx";
import {
  archiveRun,
  cancelRun,
  deleteRun,
  isOpen,
  PIPELINE_READS,
  retryRun,
  usePipelineRun,
} from "./pipelines-api.ts";
import { RunEvents } from "./run-events.tsx";
import { RunSteps } from "./run-steps.tsx";
import { pipelineRunCode } from "./same-as-code.ts";
import { StartDialog } from "./start-dialog.tsx";
import { RunStatus } from "./step-status.tsx";
import { Values } from "./values.tsx";

/** One run of a pipeline: its graph as it goes, and a look into every step. */
export function PipelineRunScreen() {
  const project = useProject();
  const { pipelineRun: id = "" } = useParams({ strict: false }) as { pipelineRun?: string };
  const { data, error, refetch } = usePipelineRun(project, id);
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <RunPage project={project} run={data.run} steps={data.steps} />;
}

type Over = "code" | "again" | "delete" | undefined;

function RunPage({
  project,
  run,
  steps,
}: {
  project: string;
  run: PipelineRun;
  steps: readonly PipelineStep[];
}) {
  const [over, setOver] = useState<Over>();
  const undoable = useUndoable(PIPELINE_READS);
  const archive = (archived: boolean) => () =>
    archiveRun({ project, params: { run: run.id }, body: { archived } });
  const restore = () =>
    void undoable({ act: archive(false), said: `${run.name} is back in the lists`, undo: archive(true) });
  return (
    <>
      <ObjectHeader
        kind="Pipeline run"
        name={run.name}
        id={run.id}
        facts={<RunFacts project={project} run={run} />}
        actions={<RunActions project={project} run={run} onOver={setOver} />}
      />
      {run.archived && <DeletedNote words="This run is archived: lists leave it out." onRestore={restore} />}
      {run.reason && (
        <p
          className={`mx-4 mb-2 break-words rounded-md px-3 py-1.5 ${run.state === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft"}`}
        >
          {run.reason}
        </p>
      )}
      <LineageRibbon project={project} type="pipeline-run" id={run.id} names={{ [run.id]: run.name }} />
      <Tabs
        tabs={[
          {
            id: "graph",
            title: "Graph",
            content: () => <RunSteps project={project} run={run} steps={steps} look="graph" />,
          },
          {
            id: "timeline",
            title: "Timeline",
            content: () => <RunSteps project={project} run={run} steps={steps} look="timeline" />,
          },
          {
            id: "parameters",
            title: "Parameters",
            count: Object.keys(run.parameters).length,
            content: () => <Parameters run={run} />,
          },
          { id: "events", title: "Events", content: () => <RunEvents project={project} run={run.id} /> },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="pipeline-run" id={run.id} />,
          },
        ]}
      />
      <Overs project={project} run={run} over={over} onClose={() => setOver(undefined)} />
    </>
  );
}

function RunFacts({ project, run }: { project: string; run: PipelineRun }) {
  return (
    <>
      <RunStatus state={run.state} />
      {run.pipelineId ? (
        <Link to={paths.pipeline(project, run.pipelineId)} className="link">
          {run.pipelineName}
        </Link>
      ) : (
        <span>{run.pipelineName}</span>
      )}
      <span>{run.startedBy}</span>
      <span>
        <Ago at={run.createdMs} />, {run.endedMs === undefined ? "for" : "took"}{" "}
        <Elapsed from={run.createdMs} to={run.endedMs} />
      </span>
      {run.retries > 0 && <span>tried again {run.retries} times by hand</span>}
    </>
  );
}

function RunActions({
  project,
  run,
  onOver,
}: {
  project: string;
  run: PipelineRun;
  onOver: (over: Over) => void;
}) {
  const { can } = useSession();
  const fresh = useFresh(PIPELINE_READS);
  const undoable = useUndoable(PIPELINE_READS);
  const given = { project, params: { run: run.id }, body: {} };
  const quietly = (deed: () => Promise<unknown>) => void fresh(deed).catch(() => undefined);
  const archive = (archived: boolean) => () => archiveRun({ ...given, body: { archived } });
  const writes = can("pipeline:write");
  return (
    <>
      {writes && run.state === "running" && (
        <button
          type="button"
          className="button button-danger"
          onClick={() => quietly(() => cancelRun(given))}
        >
          <CircleStop size={14} /> Cancel
        </button>
      )}
      {writes && (run.state === "failed" || run.state === "cancelled") && (
        <button
          type="button"
          className="button button-primary"
          onClick={() => quietly(() => retryRun(given))}
        >
          <RotateCw size={14} /> Retry
        </button>
      )}
      {writes && run.pipelineId && !isOpen(run) && (
        <button type="button" className="button" onClick={() => onOver("again")}>
          <Play size={14} /> <span className="max-sm:sr-only">Run again</span>
        </button>
      )}
      <MoreMenu
        items={[
          { title: "Copy as code", run: () => onOver("code") },
          ...(writes && !run.archived
            ? [
                {
                  title: "Archive",
                  run: () =>
                    void undoable({ act: archive(true), said: `${run.name} archived`, undo: archive(false) }),
                },
              ]
            : []),
          ...(can("pipeline:delete") && !isOpen(run)
            ? ["line" as const, { title: "Delete", danger: "yes", run: () => onOver("delete") }]
            : []),
        ]}
      />
    </>
  );
}

function Overs({
  project,
  run,
  over,
  onClose,
}: {
  project: string;
  run: PipelineRun;
  over: Over;
  onClose: () => void;
}) {
  const go = useGo();
  const farewell = useFarewell(PIPELINE_READS);
  if (over === "code") return <CodeDialog code={pipelineRunCode(project, run)} onClose={onClose} />;
  if (over === "again" && run.pipelineId)
    return (
      <StartDialog
        project={project}
        pipeline={{ id: run.pipelineId, name: run.pipelineName }}
        from={{ versionId: run.versionId, parameters: run.parameters }}
        onClose={onClose}
      />
    );
  if (over === "delete")
    return (
      <ConfirmByTyping
        title="Delete the run"
        name={run.name}
        verb="Delete"
        explains="Its graph and events go; files of its steps stay while another run's cache may name them. This cannot be undone."
        onConfirm={() =>
          farewell(
            () => deleteRun({ project, params: { run: run.id } }),
            () => go(paths.pipelineRuns(project), "replace"),
          )
        }
        onClose={onClose}
      />
    );
  return null;
}

function Parameters({ run }: { run: PipelineRun }) {
  if (Object.keys(run.parameters).length === 0)
    return <p className="p-4 text-ink-3">This run was given no parameters.</p>;
  return (
    <div className="p-4">
      <Values values={run.parameters} />
    </div>
  );
}
