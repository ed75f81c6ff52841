import type { Dataset } from "@atrium/contract/datasets";
import { useParams } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { useMemo, useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { useMore } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useFarewell } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { NameDialog } from "../../lib/name-dialog.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { useSelection } from "../../lib/table/selection.ts";
import { Table } from "../../lib/table/table.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Ago } from "../../lib/words.tsx";
import { Certified } from "./badges.tsx";
import { versionColumns } from "./dataset-columns.tsx";
import { DatasetOverview } from "./dataset-overview.tsx";
import { DATASET_READS, deleteDataset, useDataset, useVersions } from "./datasets-api.ts";
import { NoVersions } from "./no-versions.tsx";
import { datasetCode } from "./same-as-code.ts";
import { useDatasetActions } from "./use-dataset-actions.ts";

const NAME_SHOWN_MAX = 60;
const COMPARED = 2; // Two histograms over one another can be told apart; three cannot.

/** One dataset: how its newest version is, what it is for, its versions. */
export function DatasetScreen() {
  const project = useProject();
  const { dataset: name = "" } = useParams({ strict: false }) as { dataset?: string };
  const { data, error, refetch } = useDataset(project, name);
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <DatasetPage project={project} dataset={data} />;
}

function DatasetPage({ project, dataset }: { project: string; dataset: Dataset }) {
  const { can } = useSession();
  const actions = useDatasetActions(project, dataset);
  const [over, setOver] = useState<"code" | "owner" | "delete" | undefined>();
  const close = () => setOver(undefined);
  return (
    <>
      <ObjectHeader
        kind="Dataset"
        name={dataset.name}
        id={dataset.name}
        idLength={NAME_SHOWN_MAX}
        facts={
          <>
            <span>{plural(dataset.versions, "version")}</span>
            <span>owned by {dataset.owner || "nobody"}</span>
            {dataset.certifiedVersion !== undefined && (
              <Certified words={`v${dataset.certifiedVersion} certified`} />
            )}
            <span>
              updated <Ago at={dataset.updatedMs} />
            </span>
          </>
        }
        actions={
          <MoreMenu
            items={[
              { title: "Copy as code", run: () => setOver("code") },
              ...(can("dataset:write") ? [{ title: "Change the owner", run: () => setOver("owner") }] : []),
              ...(can("dataset:delete")
                ? ["line" as const, { title: "Delete", danger: "yes", run: () => setOver("delete") }]
                : []),
            ]}
          />
        }
      />
      <DatasetTabs project={project} dataset={dataset} />
      {over === "code" && <CodeDialog code={datasetCode(project, dataset.name)} onClose={close} />}
      {over === "owner" && (
        <NameDialog
          title="Change the owner"
          name={dataset.owner}
          help="A person or a team: whoever answers for it."
          onName={async (owner) => {
            await actions.setOwner(owner);
          }}
          onClose={close}
        />
      )}
      {over === "delete" && <DeleteDataset project={project} dataset={dataset} onClose={close} />}
    </>
  );
}

function DatasetTabs({ project, dataset }: { project: string; dataset: Dataset }) {
  return (
    <Tabs
      tabs={[
        {
          id: "overview",
          title: "Overview",
          content: () => <DatasetOverview project={project} dataset={dataset} />,
        },
        {
          id: "versions",
          title: "Versions",
          count: dataset.versions,
          content: () => <Versions project={project} dataset={dataset} />,
        },
        {
          id: "activity",
          title: "Activity",
          content: () => <Activity project={project} type="dataset" id={dataset.id} />,
        },
      ]}
    />
  );
}

function DeleteDataset({
  project,
  dataset,
  onClose,
}: {
  project: string;
  dataset: Dataset;
  onClose: () => void;
}) {
  const go = useGo();
  const farewell = useFarewell(DATASET_READS);
  return (
    <ConfirmByTyping
      title="Delete the dataset"
      name={dataset.name}
      verb="Delete"
      explains={`Its ${plural(dataset.versions, "version")} and their files go with it; refused while something was made of one. This cannot be undone.`}
      onConfirm={() =>
        farewell(
          () => deleteDataset({ project, params: { dataset: dataset.name } }),
          () => go(paths.datasets(project), "replace"),
        )
      }
      onClose={onClose}
    />
  );
}

function Versions({ project, dataset }: { project: string; dataset: Dataset }) {
  const go = useGo();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useVersions(project, dataset.name);
  const { selected, onSelect } = useSelection(rows, ({ version }) => String(version));
  const columns = useMemo(() => versionColumns(project), [project]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  const [from = 0, to = 0] = [...selected].map(Number).sort((a, b) => a - b);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 items-center gap-3 px-4 py-2">
        <p className="min-w-0 flex-1 text-ink-2">Select two to see their columns over one another.</p>
        <button
          type="button"
          className="button"
          disabled={selected.size !== COMPARED}
          onClick={() => go(paths.compareDatasetVersions(project, dataset.name, { from, to }))}
        >
          <GitCompareArrows size={14} /> Compare{" "}
          {selected.size > 0 && <span className="nums">{selected.size}</span>}
        </button>
      </div>
      <Table
        name="dataset-versions"
        label="Versions"
        rows={rows}
        rowId={({ version }) => String(version)}
        columns={columns}
        selected={selected}
        onSelect={onSelect}
        onOpen={({ version }) => go(paths.datasetVersion(project, dataset.name, version))}
        onEndReached={onEndReached}
        empty={<NoVersions project={project} name={dataset.name} />}
      />
    </div>
  );
}
