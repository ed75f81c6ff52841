import type { Pipeline } from "@atrium/contract/pipelines";
import { useParams } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useFarewell } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Ago } from "../../lib/words.tsx";
import { PipelineOverview } from "./pipeline-overview.tsx";
import { PipelineRuns } from "./pipeline-runs.tsx";
import { deletePipeline, PIPELINE_READS, usePipeline } from "./pipelines-api.ts";
import { pipelineCode } from "./same-as-code.ts";
import { StartDialog } from "./start-dialog.tsx";
import { UploadDialog } from "./upload-dialog.tsx";
import { Versions } from "./versions.tsx";

/** One pipeline: its graph, its versions, how its runs went. */
export function PipelineScreen() {
  const project = useProject();
  const { pipeline: id = "" } = useParams({ strict: false }) as { pipeline?: string };
  const { data, error, refetch } = usePipeline(project, id);
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <PipelinePage project={project} pipeline={data} />;
}

type Over = "code" | "start" | "upload" | "delete" | undefined;

function PipelinePage({ project, pipeline }: { project: string; pipeline: Pipeline }) {
  const { can } = useSession();
  const [over, setOver] = useState<Over>();
  const writes = can("pipeline:write");
  return (
    <>
      <ObjectHeader
        kind="Pipeline"
        name={pipeline.displayName || pipeline.name}
        id={pipeline.id}
        facts={
          <>
            <span>{plural(pipeline.versions, "version")}</span>
            <span>{pipeline.createdBy}</span>
            <span>
              created <Ago at={pipeline.createdMs} />
            </span>
          </>
        }
        actions={
          <>
            {writes && (
              <button type="button" className="button button-primary" onClick={() => setOver("start")}>
                <Play size={14} /> Run
              </button>
            )}
            <MoreMenu
              items={[
                { title: "Copy as code", run: () => setOver("code") },
                ...(writes ? [{ title: "Upload a version", run: () => setOver("upload") }] : []),
                ...(can("pipeline:delete")
                  ? ["line" as const, { title: "Delete", danger: "yes", run: () => setOver("delete") }]
                  : []),
              ]}
            />
          </>
        }
      />
      {pipeline.description && <p className="px-4 pb-2 text-ink-2">{pipeline.description}</p>}
      <Tabs
        tabs={[
          {
            id: "graph",
            title: "Graph",
            content: () => <PipelineOverview project={project} pipeline={pipeline} />,
          },
          {
            id: "runs",
            title: "Runs",
            content: () => (
              <PipelineRuns
                project={project}
                pipelineId={pipeline.id}
                empty={<EmptyState title="It has not run yet" drawing="flow" />}
              />
            ),
          },
          {
            id: "versions",
            title: "Versions",
            count: pipeline.versions,
            content: () => <Versions project={project} pipeline={pipeline} />,
          },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="pipeline" id={pipeline.id} />,
          },
        ]}
      />
      <Overs project={project} pipeline={pipeline} over={over} onClose={() => setOver(undefined)} />
    </>
  );
}

function Overs({
  project,
  pipeline,
  over,
  onClose,
}: {
  project: string;
  pipeline: Pipeline;
  over: Over;
  onClose: () => void;
}) {
  const go = useGo();
  const farewell = useFarewell(PIPELINE_READS);
  if (over === "code") return <CodeDialog code={pipelineCode(project, pipeline)} onClose={onClose} />;
  if (over === "start") return <StartDialog project={project} pipeline={pipeline} onClose={onClose} />;
  if (over === "upload") return <UploadDialog project={project} pipeline={pipeline.name} onClose={onClose} />;
  if (over === "delete")
    return (
      <ConfirmByTyping
        title="Delete the pipeline"
        name={pipeline.name}
        verb="Delete"
        explains={`Its ${plural(pipeline.versions, "version")} go with it; its runs stay. This cannot be undone.`}
        onConfirm={() =>
          farewell(
            () => deletePipeline({ project, params: { pipeline: pipeline.id } }),
            () => go(paths.pipelines(project), "replace"),
          )
        }
        onClose={onClose}
      />
    );
  return null;
}
