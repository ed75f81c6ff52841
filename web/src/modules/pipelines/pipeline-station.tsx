import { Workflow } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { usePipelineRuns, usePipelines } from "./pipelines-api.ts";

const DAY_MS = 86_400_000;

/** Pipelines on home's flow: how many, the newest run, and those that failed since yesterday. */
export function PipelineStation({ project }: { project: string }) {
  const { rows, isPending } = usePipelines(project);
  const runs = usePipelineRuns(project, {});
  const [newest] = runs.rows;
  const since = Date.now() - DAY_MS;
  const failed = runs.rows.filter((run) => run.state === "failed" && (run.endedMs ?? 0) > since).length;
  return (
    <Station
      title="Pipelines"
      icon={Workflow}
      to={paths.pipelines(project)}
      count={isPending ? undefined : rows.length}
      newest={
        newest && (
          <>
            {newest.name}, <Ago at={newest.createdMs} />
          </>
        )
      }
      trouble={
        failed > 0
          ? { words: `${failed} failed in a day`, to: `${paths.pipelineRuns(project)}&state=failed` }
          : undefined
      }
      empty={<>Upload the first one</>}
    />
  );
}
