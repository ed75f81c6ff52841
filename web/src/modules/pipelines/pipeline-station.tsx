import { Workflow } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { Newest, Station } from "../../lib/station.tsx";
import { isOpen, usePipelineRuns, usePipelines } from "./pipelines-api.ts";

const DAY_MS = 86_400_000;

/** Pipelines on home's flow: how many, the newest run, what runs, and what failed since yesterday. */
export function PipelineStation({ project }: { project: string }) {
  const { rows, isPending } = usePipelines(project);
  const runs = usePipelineRuns(project, {}).rows;
  const [newest] = runs;
  const since = Date.now() - DAY_MS;
  const failed = runs.filter((run) => run.state === "failed" && (run.endedMs ?? 0) > since).length;
  const open = runs.filter(isOpen);
  const [first] = open;
  return (
    <Station
      title="Pipelines"
      icon={Workflow}
      to={paths.pipelines(project)}
      count={isPending ? undefined : rows.length}
      newest={newest && <Newest name={newest.name} at={newest.createdMs} />}
      running={
        first && {
          words: `${open.length} running`,
          to: open.length === 1 ? paths.pipelineRun(project, first.id) : paths.pipelineRuns(project),
        }
      }
      trouble={
        failed > 0
          ? { words: `${failed} failed in a day`, to: `${paths.pipelineRuns(project)}&state=failed` }
          : undefined
      }
      empty="Upload the first one"
    />
  );
}
