import { Layers } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import { ListStation } from "../../lib/station.tsx";
import { useNow } from "../../lib/words.tsx";
import { useViews } from "./features-api.ts";
import { isStaleAt } from "./freshness.tsx";

/** Feature views on home's flow: how many, which was written last, and which are too old to be used. */
export function FeatureStation({ project }: { project: string }) {
  const list = useViews(project);
  const now = useNow();
  return (
    <ListStation
      title="Features"
      icon={Layers}
      to={paths.features(project)}
      list={list}
      read={(view) => ({
        name: view.name,
        changedMs: view.freshness.writtenMs ?? view.createdMs,
        to: paths.featureView(project, view.name),
        state: isStaleAt(view, now) ? "troubled" : "well",
      })}
      trouble={{ one: "is stale", many: "views are stale" }}
      empty="Define the first view"
    />
  );
}
