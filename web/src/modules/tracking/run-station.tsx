import { FlaskConical } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { statusIs, useFirstRuns, useRunCounts } from "./runs-api.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FAILED_COUNTED_MAX = 100;

/** Runs on home's flow: how many, the newest, and those that failed since yesterday. */
export function RunStation({ project }: { project: string }) {
  const { data: counts } = useRunCounts(project);
  const [newest] = useFirstRuns(project, { filter: "", count: 1 }) ?? [];
  // Whole hours, so that the same answer serves for a while.
  const since = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - DAY_MS;
  const filter = `${statusIs("FAILED")} and attributes.end_time > ${since}`;
  const failed = useFirstRuns(project, { filter, count: FAILED_COUNTED_MAX })?.length ?? 0;
  return (
    <Station
      title="Runs"
      icon={FlaskConical}
      to={paths.runs(project)}
      count={counts && Object.values(counts.byStatus).reduce((sum, count) => sum + count, 0)}
      newest={
        newest && (
          <>
            {newest.name}, <Ago at={newest.startedMs} />
          </>
        )
      }
      trouble={
        failed > 0
          ? {
              words: `${failed}${failed === FAILED_COUNTED_MAX ? "+" : ""} failed in a day`,
              to: `${paths.runs(project)}?filter=${encodeURIComponent(filter)}`,
            }
          : undefined
      }
      empty={<>Log the first one</>}
    />
  );
}
