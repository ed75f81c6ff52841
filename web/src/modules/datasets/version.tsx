import type { DatasetVersion } from "@atrium/contract/datasets";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { addressOf } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFarewell } from "../../lib/fresh.ts";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { Ago, Num } from "../../lib/words.tsx";
import { Certified, ChecksSummary, VersionState } from "./badges.tsx";
import { CertificationDialog, CertifyButton, isCertifiable } from "./certification.tsx";
import { Checks } from "./checks.tsx";
import { DATASET_READS, deleteVersion, useDataset, useVersion, type VersionAt } from "./datasets-api.ts";
import { Preview } from "./preview.tsx";
import { Profile } from "./profile.tsx";
import { versionCode } from "./same-as-code.ts";
import { SqlBox } from "./sql.tsx";
import { VersionFacts } from "./version-facts.tsx";

const NAME_SHOWN_MAX = 60;

/** One version of a dataset: what it holds, whether its checks hold, who vouches for it, where it goes. */
export function DatasetVersionScreen() {
  const project = useProject();
  const { dataset = "", version = "" } = useParams({ strict: false }) as {
    dataset?: string;
    version?: string;
  };
  const { data, error, refetch } = useVersion({ project, dataset, version: Number(version) });
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <VersionPage key={`${dataset}/${version}`} project={project} version={data} />;
}

function VersionPage({ project, version }: { project: string; version: DatasetVersion }) {
  const { can } = useSession();
  const [over, setOver] = useState<"code" | "certify" | "delete" | undefined>();
  const at: VersionAt = { project, dataset: version.dataset, version: version.version };
  const title = `${version.dataset} v${version.version}`;
  return (
    <>
      <ObjectHeader
        kind="Dataset version"
        name={
          <>
            <Link to={paths.dataset(project, version.dataset)} className="hover:underline">
              {version.dataset}
            </Link>{" "}
            v{version.version}
          </>
        }
        id={title}
        idLength={NAME_SHOWN_MAX}
        facts={<HeaderFacts project={project} version={version} />}
        actions={
          <>
            {can("dataset:certify") && isCertifiable(version) && (
              <CertifyButton onClick={() => setOver("certify")} />
            )}
            <VersionMenu at={at} version={version} onOver={setOver} />
          </>
        }
      />
      <LineageRibbon
        project={project}
        type="dataset"
        id={version.dataset}
        version={String(version.version)}
      />
      <Tabs tabs={tabsOf(at, version)} />
      {over === "code" && <CodeDialog code={versionCode(at)} onClose={() => setOver(undefined)} />}
      {over === "certify" && (
        <CertificationDialog project={project} version={version} onClose={() => setOver(undefined)} />
      )}
      {over === "delete" && <DeleteVersion at={at} title={title} onClose={() => setOver(undefined)} />}
    </>
  );
}

function HeaderFacts({ project, version }: { project: string; version: DatasetVersion }) {
  const { data: dataset } = useDataset(project, version.dataset);
  const newest = dataset?.latest?.version;
  return (
    <>
      <VersionState version={version} />
      {version.certification && <Certified />}
      {version.rowCount !== undefined && (
        <span>
          <Num value={version.rowCount} /> rows
        </span>
      )}
      <ChecksSummary checks={version.checks} />
      <span>
        by {version.createdBy}, <Ago at={version.createdMs} />
      </span>
      {newest !== undefined && newest > version.version && (
        <Link className="link" to={paths.datasetVersion(project, version.dataset, newest)}>
          newest is v{newest}
        </Link>
      )}
    </>
  );
}

function VersionMenu({
  at: { project, ...params },
  version,
  onOver,
}: {
  at: VersionAt;
  version: DatasetVersion;
  onOver: (over: "code" | "delete") => void;
}) {
  const { can } = useSession();
  const go = useGo();
  const before = params.version - 1;
  const download = (file: number) =>
    location.assign(
      addressOf("/datasets/:dataset/versions/:version/content", { project, params, query: { file } }),
    );
  return (
    <MoreMenu
      items={[
        { title: "Copy as code", run: () => onOver("code") },
        ...(before > 0
          ? [
              {
                title: `Compare with v${before}`,
                run: () =>
                  go(
                    paths.compareDatasetVersions(project, params.dataset, {
                      from: before,
                      to: params.version,
                    }),
                  ),
              },
            ]
          : []),
        ...(version.files > 0 ? [{ title: "Download the file", run: () => download(0) }] : []),
        ...(can("dataset:delete")
          ? ["line" as const, { title: "Delete", danger: "yes", run: () => onOver("delete") }]
          : []),
      ]}
    />
  );
}

function tabsOf(at: VersionAt, version: DatasetVersion): Tab[] {
  const thing = { type: "dataset", id: at.dataset, version: String(at.version) };
  const { checks } = version;
  const about: Tab[] = [
    {
      id: "about",
      title: "About",
      content: () => <VersionFacts project={at.project} version={version} />,
    },
    {
      id: "lineage",
      title: "Lineage",
      content: () => <LineageGraph project={at.project} thing={thing} />,
    },
    {
      id: "activity",
      title: "Activity",
      content: () => (
        <Activity project={at.project} type="dataset-version" name={`${at.dataset} ${at.version}`} />
      ),
    },
  ];
  if (version.state !== "ready")
    return [{ id: "overview", title: "Overview", content: () => <NotReady version={version} /> }, ...about];
  return [
    { id: "overview", title: "Profile", content: () => <Profile {...at} /> },
    {
      id: "checks",
      title: "Checks",
      count: checks && checks.passed + checks.failed + checks.warned,
      content: () => <Checks {...at} />,
    },
    { id: "rows", title: "Rows", content: () => <Preview at={at} rowCount={version.rowCount ?? 0} /> },
    { id: "sql", title: "SQL", content: () => <SqlBox {...at} /> },
    ...about,
  ];
}

function NotReady({ version }: { version: DatasetVersion }) {
  if (version.state === "failed")
    return (
      <EmptyState title="This version failed" drawing="broken">
        {version.reason}
      </EmptyState>
    );
  return (
    <EmptyState title="It is being looked at" drawing="chart">
      Schema, profile and checks appear here by themselves when the worker is done.
    </EmptyState>
  );
}

function DeleteVersion({ at, title, onClose }: { at: VersionAt; title: string; onClose: () => void }) {
  const { project, ...params } = at;
  const go = useGo();
  const farewell = useFarewell(DATASET_READS);
  return (
    <ConfirmByTyping
      title="Delete the version"
      name={title}
      verb="Delete"
      explains="Its files go with it and its number is never used again; refused while something was made of it. This cannot be undone."
      onConfirm={() =>
        farewell(
          () => deleteVersion({ project, params }),
          () => go(paths.dataset(project, at.dataset), "replace"),
        )
      }
      onClose={onClose}
    />
  );
}
