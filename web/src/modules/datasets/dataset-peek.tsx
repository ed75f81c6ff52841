import { Description } from "../../lib/description.tsx";
import { Facts } from "../../lib/page.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { Ago } from "../../lib/words.tsx";
import { ColumnsAtAGlance, NewestVersion } from "./dataset-overview.tsx";
import { useDataset } from "./datasets-api.ts";
import { NoVersions } from "./no-versions.tsx";

/** What one wants to know of a dataset before opening it. */
export function DatasetPeek({ project, name }: { project: string; name: string }) {
  const { data: dataset, error, refetch } = useDataset(project, name);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!dataset) return <Skeleton />;
  const { latest } = dataset;
  return (
    <div className="flex flex-col gap-4 p-4">
      {dataset.description && <Description text={dataset.description} />}
      <Facts
        items={[
          ["Owner", dataset.owner || <span className="text-ink-3">nobody</span>],
          ["Versions", String(dataset.versions)],
          ["Updated", <Ago key="updated" at={dataset.updatedMs} />],
        ]}
      />
      {latest ? (
        <>
          <NewestVersion project={project} version={latest} />
          <ColumnsAtAGlance project={project} version={latest} />
        </>
      ) : (
        <NoVersions project={project} name={name} />
      )}
      <TagsCard tags={dataset.tags} />
    </div>
  );
}
