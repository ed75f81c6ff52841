import { CopyableId } from "../../lib/copy.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { usePipelineRun } from "./pipelines-api.ts";
import { RunStatus } from "./step-status.tsx";
import { Timeline } from "./timeline.tsx";
import { Values } from "./values.tsx";

/** How a run stands and how its steps went, beside the list. */
export function RunPeek({ project, id }: { project: string; id: string }) {
  const go = useGo();
  const { data, error, refetch } = usePipelineRun(project, id);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const { run, steps } = data;
  return (
    <div className="flex flex-col gap-4 p-4">
      {run.reason && (
        <p
          className={`break-words rounded-md px-3 py-2 ${run.state === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft"}`}
        >
          {run.reason}
        </p>
      )}
      <Facts
        items={[
          ["State", <RunStatus key="s" state={run.state} />],
          [
            "Pipeline",
            run.pipelineId ? (
              <Link key="p" className="link" to={paths.pipeline(project, run.pipelineId)}>
                {run.pipelineName}
              </Link>
            ) : (
              run.pipelineName
            ),
          ],
          ["Started", <Ago key="a" at={run.createdMs} />],
          ["Took", <Elapsed key="e" from={run.createdMs} to={run.endedMs} />],
          ["By", run.startedBy],
          ["Id", <CopyableId key="i" id={run.id} length={32} />],
        ]}
      />
      {Object.keys(run.parameters).length > 0 && (
        <section className="flex flex-col gap-1">
          <h2>Parameters</h2>
          <Values values={run.parameters} />
        </section>
      )}
      <section className="-mx-4 flex flex-col gap-1">
        <h2 className="px-4">Steps</h2>
        <Timeline
          run={run}
          steps={steps}
          chosen={undefined}
          onChoose={(path) => go(paths.pipelineStep(project, id, path))}
        />
      </section>
    </div>
  );
}
