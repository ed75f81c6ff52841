import type { JobState } from "@atrium/contract/compute";
import { Cpu } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { Newest, Station } from "../../lib/station.tsx";
import { useJobs } from "./compute-api.ts";

const DAY_MS = 86_400_000;

/** Compute on home: how many jobs, what runs and waits, and what failed since yesterday. */
export function ComputeStation({ project }: { project: string }) {
  const { rows, isPending, hasNextPage } = useJobs(project, {});
  const [newest] = rows;
  const since = Date.now() - DAY_MS;
  // What belongs to a pipeline is told at its stop.
  const failed = rows.filter(
    (job) => job.state === "failed" && job.origin === null && (job.endedMs ?? 0) > since,
  ).length;
  const inState = (...states: JobState[]) => rows.filter((job) => states.includes(job.state)).length;
  const running = inState("preparing", "running");
  const queued = inState("queued");
  return (
    <Station
      title="Compute"
      icon={Cpu}
      to={paths.compute(project)}
      count={isPending ? undefined : rows.length}
      newest={newest && <Newest name={newest.name} at={newest.queuedMs} />}
      running={
        running + queued > 0
          ? {
              words: `${plural(running, "job")} running${queued > 0 ? `, ${queued} waiting` : ""}`,
              to: `${paths.compute(project)}?state=running`,
            }
          : undefined
      }
      trouble={
        failed > 0
          ? {
              words: `${failed}${hasNextPage ? "+" : ""} failed in a day`,
              to: `${paths.compute(project)}?state=failed`,
            }
          : undefined
      }
      empty="Run the first job"
    />
  );
}
