import { FlaskConical } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { useCount } from "../../lib/quotas.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { useRunSearch } from "./runs-api.ts";

const DAY_MS = 86_400_000;

export function RunStation({ project }: { project: string }) {
  const { rows, loading } = useRunSearch(project, {
    experimentIds: [],
    filter: "",
    sort: undefined,
  });
  const count = useCount(project, "runs");
  const newest = rows[0];
  const failed = rows.filter(
    (run) => run.status.toLowerCase() === "failed" && (run.endedMs ?? 0) > Date.now() - DAY_MS,
  );
  return (
    <Station
      title="Runs"
      icon={FlaskConical}
      to={paths.runs(project)}
      count={loading ? undefined : Math.max(count ?? 0, rows.length)}
      newest={
        newest && (
          <>
            {newest.name}, <Ago at={newest.startedMs} />
          </>
        )
      }
      trouble={
        failed.length > 0
          ? {
              words: `${failed.length} failed in a day`,
              to: `${paths.runs(project)}?filter=${encodeURIComponent("attributes.status = 'FAILED'")}`,
            }
          : undefined
      }
      empty={<>Log the first one</>}
    />
  );
}
