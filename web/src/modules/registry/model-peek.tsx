import { Description } from "../../lib/description.tsx";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { Ago, Status } from "../../lib/words.tsx";
import { AliasCard, AliasLabels } from "./aliases.tsx";
import { useModel, useVersions } from "./registry-api.ts";

const VERSIONS_SHOWN_MAX = 8;

/** What one wants to know of a model before opening it: where its aliases point and what came last. */
export function ModelPeek({ project, name }: { project: string; name: string }) {
  const { data: model, error, refetch } = useModel(project, name);
  const versions = useVersions(project, name);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!model) return <Skeleton />;
  return (
    <div className="flex flex-col gap-4 p-4">
      {model.description && <Description text={model.description} />}
      <Facts
        items={[
          ["Versions", String(model.versions)],
          ["Updated", <Ago key="u" at={model.updatedMs} />],
          ["Created", <Ago key="c" at={model.createdMs} />],
        ]}
      />
      <AliasCard project={project} model={model} versions={versions.rows} />
      <section className="card min-w-0">
        <h2 className="flex h-9 items-center border-line border-b px-3">Newest versions</h2>
        <ul>
          {versions.rows.slice(0, VERSIONS_SHOWN_MAX).map((version) => (
            <li
              key={version.version}
              className="flex h-9 items-center gap-3 border-line border-b px-3 last:border-0"
            >
              <Link className="link nums" to={paths.modelVersion(project, name, version.version)}>
                v{version.version}
              </Link>
              <Status status={version.status} />
              <AliasLabels aliases={version.aliases} />
              <span className="ml-auto text-ink-3">
                <Ago at={version.createdMs} />
              </span>
            </li>
          ))}
          {!versions.isPending && versions.rows.length === 0 && <li className="p-3 text-ink-3">None yet.</li>}
        </ul>
      </section>
      <TagsCard tags={model.tags} />
    </div>
  );
}
