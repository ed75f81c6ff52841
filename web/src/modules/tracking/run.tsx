import type { RunDetails } from "@atrium/contract/tracking";
import { useParams } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { useMemo, useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { runColours } from "../../lib/colours.ts";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { useGo } from "../../lib/link.tsx";
import { type MenuItem, MoreMenu } from "../../lib/menu.tsx";
import { NameDialog } from "../../lib/name-dialog.tsx";
import { DeletedNote, ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { Ago, Elapsed, Status } from "../../lib/words.tsx";
import { Artifacts } from "../artifacts/artifacts.tsx";
import { MetricCharts } from "./metric-charts.tsx";
import { RegisterDialog } from "./register-later.tsx";
import { RunLogs } from "./run-logs.tsx";
import { RunOverview } from "./run-overview.tsx";
import { useRun } from "./runs-api.ts";
import { runCode } from "./same-as-code.ts";
import { useRunActions } from "./use-run-actions.ts";

/** One run: is it well, what did it do, what did it leave behind. */
export function RunScreen() {
  const project = useProject();
  const { run: id = "" } = useParams({ strict: false }) as { run?: string };
  const { data: run, error, refetch } = useRun(project, id);
  if (error && !run) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!run) return <Skeleton rows={10} />;
  return <RunPage project={project} run={run} />;
}

type Over = "code" | "name" | "register";

function RunPage({ project, run }: { project: string; run: RunDetails }) {
  const { can } = useSession();
  const actions = useRunActions(project);
  const [over, setOver] = useState<Over | undefined>();
  const close = () => setOver(undefined);
  const colour = useMemo(() => runColours([run.id]).get(run.id) ?? "", [run.id]);
  return (
    <>
      <RunHeader project={project} run={run} colour={colour} onOver={setOver} />
      {run.lifecycle !== "active" && (
        <DeletedNote
          words="This run is deleted: lists leave it out, and its data stays until it is purged."
          onRestore={can("run:delete") ? () => void actions.restore([run]) : undefined}
        />
      )}
      <LineageRibbon project={project} type="run" id={run.id} names={{ [run.id]: run.name }} />
      <Tabs tabs={tabsOf(project, run, colour)} />
      {over === "code" && <CodeDialog code={runCode(project, run.id)} onClose={close} />}
      {over === "name" && (
        <NameDialog
          title="Rename the run"
          name={run.name}
          onName={(name) => actions.rename(run, name)}
          onClose={close}
        />
      )}
      {over === "register" && (
        <RegisterDialog
          project={project}
          from={{ runId: run.id, loggedModelIds: run.modelOutputs }}
          onClose={close}
        />
      )}
    </>
  );
}

function RunHeader({
  project,
  run,
  colour,
  onOver,
}: {
  project: string;
  run: RunDetails;
  colour: string;
  onOver: (over: Over) => void;
}) {
  const go = useGo();
  return (
    <ObjectHeader
      kind="Run"
      name={
        <span className="inline-flex items-center gap-2">
          <span className="size-2.5 shrink-0 rounded-full" style={{ background: colour }} aria-hidden />
          {run.name}
        </span>
      }
      id={run.id}
      facts={
        <>
          <Status status={run.status} />
          <span>{run.owner}</span>
          <span>
            <Ago at={run.startedMs} />, {run.endedMs === undefined ? "for" : "took"}{" "}
            <Elapsed from={run.startedMs} to={run.endedMs} />
          </span>
        </>
      }
      actions={
        <>
          <button
            type="button"
            className="button"
            onClick={() => go(`${paths.runs(project)}?experiments=${run.experimentId}&peek=${run.id}`)}
          >
            <GitCompareArrows size={14} /> <span className="max-sm:sr-only">Among its siblings</span>
          </button>
          <RunMenu project={project} run={run} onOver={onOver} />
        </>
      }
    />
  );
}

function RunMenu({
  project,
  run,
  onOver,
}: {
  project: string;
  run: RunDetails;
  onOver: (over: Over) => void;
}) {
  const { can } = useSession();
  const actions = useRunActions(project);
  const alive = run.lifecycle === "active";
  const registers = [{ title: "Register its model", run: () => onOver("register") }];
  const changes = ["line" as const, { title: "Rename", run: () => onOver("name") }, ...endings(run, actions)];
  const deletes = [
    "line" as const,
    { title: "Delete", danger: "yes", run: () => void actions.remove([run]) },
  ];
  return (
    <MoreMenu
      items={[
        { title: "Copy as code", run: () => onOver("code") },
        ...(can("model:write") && alive ? registers : []),
        ...(can("run:write") && alive ? changes : []),
        ...(can("run:delete") && alive ? deletes : []),
      ]}
    />
  );
}

/** How a run that the client left open can be closed, and a closed one opened. */
function endings(run: RunDetails, actions: ReturnType<typeof useRunActions>): MenuItem[] {
  if (run.status !== "RUNNING" && run.status !== "SCHEDULED")
    return [{ title: "Mark as running", run: () => void actions.end(run, "RUNNING") }];
  return [
    { title: "Mark as finished", run: () => void actions.end(run, "FINISHED") },
    { title: "Mark as failed", run: () => void actions.end(run, "FAILED") },
    { title: "Mark as cancelled", run: () => void actions.end(run, "KILLED") },
  ];
}

function tabsOf(project: string, run: RunDetails, colour: string): Tab[] {
  const metrics = Object.keys(run.metrics).sort();
  return [
    { id: "overview", title: "Overview", content: () => <RunOverview project={project} run={run} /> },
    {
      id: "metrics",
      title: "Charts",
      count: metrics.length,
      content: () => <Charts project={project} run={run} colour={colour} metrics={metrics} />,
    },
    {
      id: "artifacts",
      title: "Artifacts",
      content: () => <Artifacts project={project} root={run.artifactPath} />,
    },
    {
      id: "logs",
      title: "Logs",
      content: () => <RunLogs project={project} runId={run.id} fromMs={run.startedMs} />,
    },
    {
      id: "lineage",
      title: "Lineage",
      content: () => (
        <LineageGraph project={project} thing={{ type: "run", id: run.id }} names={{ [run.id]: run.name }} />
      ),
    },
    {
      id: "activity",
      title: "Activity",
      content: () => <Activity project={project} type="run" id={run.id} />,
    },
  ];
}

function Charts({
  project,
  run,
  colour,
  metrics,
}: {
  project: string;
  run: RunDetails;
  colour: string;
  metrics: readonly string[];
}) {
  // Each live update brings a new run; the charts draw anew only when what they show has changed.
  const charted = useMemo(() => [{ id: run.id, name: run.name, colour }], [run.id, run.name, colour]);
  return <MetricCharts project={project} runs={charted} metrics={metrics} />;
}
