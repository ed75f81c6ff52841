import { useParams } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { useMemo, useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CopyAsCode } from "../../lib/code.tsx";
import { runColours } from "../../lib/colours.ts";
import { Dialog } from "../../lib/dialog.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { Facts, ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Ago, Elapsed, Status } from "../../lib/words.tsx";
import { Artifacts } from "./artifacts.tsx";
import { MetricCharts } from "./metric-charts.tsx";
import { RunLogs } from "./run-logs.tsx";
import { type RunRow, useRun } from "./runs-api.ts";
import { runCode } from "./same-as-code.ts";
import { ValuesTable } from "./values-table.tsx";

/** One run: is it well, what did it do, what did it leave behind. */
export function RunScreen() {
  const project = useProject();
  const go = useGo();
  const { run: id = "" } = useParams({ strict: false }) as { run?: string };
  const { data: run, error, refetch } = useRun(project, id);
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const colours = useMemo(() => runColours([id]), [id]);
  const charted = useMemo(
    () => (run ? [{ id, name: run.name, colour: colours.get(id) ?? "" }] : []),
    [run, id, colours],
  );
  const metrics = useMemo(() => (run ? Object.keys(run.metrics).sort() : []), [run]);
  if (error && !run) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!run) return <Skeleton rows={10} />;
  return (
    <>
      <ObjectHeader
        kind="Run"
        name={
          <span className="inline-flex items-center gap-2">
            <span
              className="size-2.5 shrink-0 rounded-full"
              style={{ background: colours.get(id) }}
              aria-hidden
            />
            {run.name}
          </span>
        }
        id={run.id}
        facts={
          <>
            <Status status={run.status} />
            <span>{run.owner}</span>
            <span>
              <Ago at={run.startedMs} />, took <Elapsed from={run.startedMs} to={run.endedMs} />
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
            <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
          </>
        }
      />
      <LineageRibbon project={project} type="run" id={run.id} names={{ [run.id]: run.name }} />
      <Tabs
        tabs={[
          { id: "overview", title: "Overview", content: () => <Overview project={project} run={run} /> },
          {
            id: "metrics",
            title: "Charts",
            count: metrics.length,
            content: () => <MetricCharts project={project} runs={charted} metrics={metrics} />,
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
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="run" id={run.id} />,
          },
        ]}
      />
      {code === "shown" && (
        <Dialog title="The same as code" wide="wide" onClose={() => setCode("hidden")}>
          <CopyAsCode code={runCode(project, run.id)} />
        </Dialog>
      )}
    </>
  );
}

const NOTE_TAG = "mlflow.note.content";
const SOURCE_TAGS = ["mlflow.source.name", "mlflow.source.git.commit"] as const;

function Overview({ project, run }: { project: string; run: RunRow }) {
  const tags = Object.fromEntries(Object.entries(run.tags).filter(([name]) => !name.startsWith("mlflow.")));
  const note = run.tags[NOTE_TAG];
  const [source, commit] = SOURCE_TAGS.map((name) => run.tags[name]);
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      {note && <section className="card whitespace-pre-wrap p-3 lg:col-span-2">{note}</section>}
      <ValuesTable title="Metrics" values={run.metrics} />
      <ValuesTable title="Parameters" values={run.params} />
      <ValuesTable title="Tags" values={tags} />
      <section className="card p-3">
        <h2 className="mb-2">About</h2>
        <Facts
          items={[
            [
              "Experiment",
              <Link key="e" className="link" to={`${paths.runs(project)}?experiments=${run.experimentId}`}>
                {run.experimentName ?? run.experimentId}
              </Link>,
            ],
            ...(run.parentId
              ? [
                  [
                    "Part of",
                    <Link key="p" className="link" to={paths.run(project, run.parentId)}>
                      its parent run
                    </Link>,
                  ] as const,
                ]
              : []),
            ...(source
              ? [
                  [
                    "Source",
                    <code key="s" className="break-all">
                      {source}
                    </code>,
                  ] as const,
                ]
              : []),
            ...(commit ? [["Commit", <code key="c">{commit.slice(0, 12)}</code>] as const] : []),
          ]}
        />
      </section>
    </div>
  );
}
