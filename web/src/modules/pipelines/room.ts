import { Workflow } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const FOUND_MAX = 8;

export const pipelinesRoom: Room = {
  id: "pipelines",
  title: "Pipelines",
  group: "Build",
  icon: Workflow,
  path: "/p/$project/pipelines",
  key: "p",
  needs: ["pipeline:read"],
  screens: [
    {
      path: "/p/$project/pipelines",
      load: () => import("./pipelines.tsx").then((module) => module.PipelinesScreen),
    },
    {
      path: "/p/$project/pipelines/$pipeline",
      load: () => import("./pipeline.tsx").then((module) => module.PipelineScreen),
    },
    {
      path: "/p/$project/pipeline-runs/$pipelineRun",
      load: () => import("./pipeline-run.tsx").then((module) => module.PipelineRunScreen),
    },
  ],
  station: () => import("./pipeline-station.tsx").then((module) => module.PipelineStation),
  stale: {
    pipeline: ["/pipelines"],
    "pipeline-version": ["/pipelines"],
    "pipeline-run": ["/pipeline-runs", "/lineage"],
    "pipeline-step": ["/pipeline-runs"],
  },
  search: async (project, text, signal) => {
    const { listPipelines } = await import("./pipelines-api.ts");
    const found = await listPipelines({ project, query: { text, pageSize: FOUND_MAX } }, signal);
    return found.items.map((one) => ({
      id: `pipeline-${one.id}`,
      title: one.displayName || one.name,
      hint: "pipeline",
      to: paths.pipeline(project, one.id),
    }));
  },
  commands: (project) => [
    { id: "pipeline-runs", title: "Show pipeline runs", to: paths.pipelineRuns(project) },
    {
      id: "pipeline-runs-failed",
      title: "Show failed pipeline runs",
      to: `${paths.pipelineRuns(project)}&state=failed`,
    },
    { id: "pipeline-upload", title: "Upload a pipeline", to: `${paths.pipelines(project)}?over=upload` },
  ],
};
