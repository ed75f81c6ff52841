import { Description } from "../../lib/description.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { useView } from "./features-api.ts";
import { Definition, FeatureList, FreshnessCard } from "./view-overview.tsx";

/** What one wants to know of a view before opening it. */
export function ViewPeek({ project, name }: { project: string; name: string }) {
  const { data: view, error, refetch } = useView(project, name, undefined);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!view) return <Skeleton />;
  return (
    <div className="flex flex-col gap-4 p-4">
      {view.description && <Description text={view.description} />}
      <FreshnessCard view={view} />
      <Definition project={project} view={view} />
      <FeatureList view={view} />
    </div>
  );
}
