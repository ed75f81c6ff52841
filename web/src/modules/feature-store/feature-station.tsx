import { Layers } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { Station } from "../../lib/station.tsx";
import { Ago, useNow } from "../../lib/words.tsx";
import { useViews } from "./features-api.ts";
import { isStaleAt } from "./freshness.tsx";

/** Feature views on home's flow: how many, which was written last, and which are too old to be used. */
export function FeatureStation({ project }: { project: string }) {
  const { rows, isPending } = useViews(project);
  const now = useNow();
  const written = (at: number | undefined) => at ?? 0;
  const newest = [...rows].sort(
    (a, b) => written(b.freshness.writtenMs ?? b.createdMs) - written(a.freshness.writtenMs ?? a.createdMs),
  )[0];
  const stale = rows.filter((view) => isStaleAt(view, now));
  const [first] = stale;
  return (
    <Station
      title="Features"
      icon={Layers}
      to={paths.features(project)}
      count={isPending ? undefined : rows.length}
      newest={
        newest && (
          <>
            {newest.name}, <Ago at={newest.freshness.writtenMs ?? newest.createdMs} />
          </>
        )
      }
      trouble={
        first && {
          words: stale.length === 1 ? `${first.name} is stale` : `${stale.length} views are stale`,
          to: stale.length === 1 ? paths.featureView(project, first.name) : paths.features(project),
        }
      }
      empty={<>Define the first view</>}
    />
  );
}
