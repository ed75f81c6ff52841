import type { Dataset, DatasetVersion } from "@atrium/contract/datasets";
import { Description } from "../../lib/description.tsx";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { TagsCard } from "../../lib/tags-card.tsx";
import { Ago, Bytes, Num } from "../../lib/words.tsx";
import { WatchedBy } from "../monitoring/watched-by.tsx";
import { Certified, ChecksSummary, VersionState } from "./badges.tsx";
import { useProfile } from "./datasets-api.ts";
import { HistogramDrawing, NullsBar, TopValues } from "./drawings.tsx";
import { NoVersions } from "./no-versions.tsx";
import { useDatasetActions } from "./use-dataset-actions.ts";

const COLUMNS_SHOWN_MAX = 12;

/** Whether a dataset is well, what it is for, and what its newest version holds at a glance. */
export function DatasetOverview({ project, dataset }: { project: string; dataset: Dataset }) {
  const { can } = useSession();
  const actions = useDatasetActions(project, dataset);
  const { latest } = dataset;
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        <Description
          text={dataset.description}
          placeholder="What a row is, where it comes from, how often; what it must not be used for."
          onSave={can("dataset:write") ? actions.describe : undefined}
        />
        <TagsCard tags={dataset.tags} onSet={can("dataset:write") ? actions.setTag : undefined} />
        <WatchedBy project={project} of={{ dataset: dataset.name }} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        {latest ? (
          <>
            <NewestVersion project={project} version={latest} />
            <ColumnsAtAGlance project={project} version={latest} />
          </>
        ) : (
          <section className="card">
            <NoVersions project={project} name={dataset.name} />
          </section>
        )}
      </div>
    </div>
  );
}

export function NewestVersion({ project, version }: { project: string; version: DatasetVersion }) {
  return (
    <section className="card flex min-w-0 flex-col gap-3 p-3">
      <header className="flex flex-wrap items-center gap-3">
        <h2>Newest version</h2>
        <Link
          className="link nums font-medium"
          to={paths.datasetVersion(project, version.dataset, version.version)}
        >
          v{version.version}
        </Link>
        <VersionState version={version} />
        {version.certification && <Certified />}
      </header>
      {version.reason && <p className="text-bad">{version.reason}</p>}
      <Facts
        items={[
          ["Rows", <Num key="rows" value={version.rowCount} />],
          ["Columns", <Num key="columns" value={version.columns?.length} />],
          ["Checks", <ChecksSummary key="checks" checks={version.checks} />],
          ["Size", <Bytes key="size" value={version.sizeBytes} />],
          [
            "Made",
            <span key="made">
              <Ago at={version.createdMs} /> by {version.createdBy}
            </span>,
          ],
        ]}
      />
    </section>
  );
}

/** The first columns, each a small drawing; the version's page draws them all. */
export function ColumnsAtAGlance({ project, version }: { project: string; version: DatasetVersion }) {
  const at = { project, dataset: version.dataset, version: version.version };
  const { data } = useProfile(at, version.state === "ready" ? "ready" : "wait");
  if (!data) return null;
  const shown = data.columns.slice(0, COLUMNS_SHOWN_MAX);
  const more = data.columns.length - shown.length;
  return (
    <section className="card min-w-0">
      <h2 className="flex h-9 items-center border-line border-b px-3">Columns</h2>
      <ul>
        {shown.map((column) => (
          <li
            key={column.name}
            className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-center gap-4 border-line border-b px-3 py-2 last:border-0"
          >
            <div className="min-w-0">
              <div className="flex items-baseline gap-2">
                <span className="truncate font-medium" title={column.name}>
                  {column.name}
                </span>
                <code className="truncate text-ink-3">{column.type}</code>
              </div>
              <NullsBar nulls={column.nulls} rowCount={data.rowCount} />
            </div>
            {column.histogram && column.histogram.kind !== "lengths" ? (
              <HistogramDrawing name={column.name} histogram={column.histogram} />
            ) : (
              <TopValues top={(column.top ?? []).slice(0, 3)} rowCount={data.rowCount} />
            )}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <p className="border-line border-t px-3 py-2">
          <Link className="link" to={paths.datasetVersion(project, version.dataset, version.version)}>
            {more} more
          </Link>
        </p>
      )}
    </section>
  );
}
