import { CopyableId } from "../../lib/copy.tsx";
import { Facts } from "../../lib/page.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { useJob } from "./compute-api.ts";
import { JobLogView } from "./job-log-view.tsx";
import { JobStatus } from "./job-status.tsx";

/** How a job stands and what it printed, beside the list. */
export function JobPeek({ project, id }: { project: string; id: string }) {
  const { data: job, error, refetch } = useJob(project, id);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!job) return <Skeleton />;
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-col gap-3 p-4">
        {job.reason && (
          <p
            className={`break-words rounded-md px-3 py-2 ${job.state === "failed" ? "bg-bad-soft text-bad" : "bg-warn-soft"}`}
          >
            {job.reason}
          </p>
        )}
        <Facts
          items={[
            ["State", <JobStatus key="s" state={job.state} />],
            ["Submitted", <Ago key="q" at={job.queuedMs} />],
            ["Took", <Elapsed key="e" from={job.startedMs} to={job.endedMs} />],
            ["By", job.submittedBy],
            ["Command", <code key="c">{job.command.join(" ")}</code>],
            ["Id", <CopyableId key="i" id={job.id} length={32} />],
          ]}
        />
      </div>
      {job.attempt > 0 && <JobLogView key={job.attempt} project={project} job={id} attempt={job.attempt} />}
    </div>
  );
}
