import { FlaskConical } from "lucide-react";
import { formatCount } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { Newest, Station } from "../../lib/station.tsx";
import { statusIs, useFirstRuns, useRunCounts } from "./runs-api.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FAILED_COUNTED_MAX = 100;

/** Runs on home's flow: how many, the newest, what runs, and those that failed since yesterday. */
export function RunStation({ project }: { project: string }) {
  const { data: counts } = useRunCounts(project);
  const [newest] = useFirstRuns(project, { filter: "", count: 1 }) ?? [];
  // Whole hours, so that the same answer serves for a while.
  const since = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - DAY_MS;
  const filter = `${statusIs("FAILED")} and attributes.end_time > ${since}`;
  const failed = useFirstRuns(project, { filter, count: FAILED_COUNTED_MAX })?.length ?? 0;
  const running = counts?.byStatus.RUNNING ?? 0;
  return (
    <Station
      title="Runs"
      icon={FlaskConical}
      to={paths.runs(project)}
      count={counts && Object.values(counts.byStatus).reduce((sum, count) => sum + count, 0)}
      newest={newest && <Newest name={newest.name} at={newest.startedMs} />}
      running={
        running > 0
          ? {
              words: `${formatCount(running)} running`,
              to: `${paths.runs(project)}?filter=${encodeURIComponent(statusIs("RUNNING"))}`,
            }
          : undefined
      }
      trouble={
        failed > 0
          ? {
              words: `${failed}${failed === FAILED_COUNTED_MAX ? "+" : ""} failed in a day`,
              to: `${paths.runs(project)}?filter=${encodeURIComponent(filter)}`,
            }
          : undefined
      }
      empty="Log the first one"
    />
  );
}
