import { CopyableId } from "../../lib/copy.tsx";
import { Facts } from "../../lib/page.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Elapsed, Status } from "../../lib/words.tsx";
import { useRun } from "./runs-api.ts";
import { ValuesTable } from "./values-table.tsx";

/** What one wants to know of a run before opening it. */
export function RunPeek({ project, id }: { project: string; id: string }) {
  const { data: run, error, refetch } = useRun(project, id);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!run) return <Skeleton />;
  return (
    <div className="flex flex-col gap-4 p-4">
      <Facts
        items={[
          ["Status", <Status key="s" status={run.status} />],
          ["Started", <Ago key="a" at={run.startedMs} />],
          ["Took", <Elapsed key="e" from={run.startedMs} to={run.endedMs} />],
          ["By", run.owner],
          ["Id", <CopyableId key="i" id={run.id} length={32} />],
        ]}
      />
      <ValuesTable title="Metrics" kind="numbers" values={run.metrics} />
      <ValuesTable title="Parameters" values={run.params} />
    </div>
  );
}
