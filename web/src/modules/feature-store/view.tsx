import type { View } from "@atrium/contract/feature-store";
import { useParams } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useFarewell, useFresh } from "../../lib/fresh.ts";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { Link, useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { deleteView, FEATURE_READS, materialize, readView, useView, versionIn } from "./features-api.ts";
import { Freshness } from "./freshness.tsx";
import { Materializations } from "./materializations.tsx";
import { viewCode } from "./same-as-code.ts";
import { ValuesForm } from "./values-form.tsx";
import { ViewOverview } from "./view-overview.tsx";

const NAME_SHOWN_MAX = 60;

/** One feature view: what it gives, how fresh it is online, and any entity's values. */
export function ViewScreen() {
  const project = useProject();
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  const [url] = useUrl();
  const { data, error, refetch } = useView(project, name, versionIn(url.version));
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <ViewPage project={project} view={data} />;
}

function ViewPage({ project, view }: { project: string; view: View }) {
  const [over, setOver] = useState<"code" | "delete" | undefined>();
  const thing = { type: "feature-view", id: view.name, version: String(view.version) };
  const anyKeys = Object.fromEntries(view.joinKeys.map(({ name }) => [name, "…"]));
  return (
    <>
      <ObjectHeader
        kind="Feature view"
        name={`${view.name} v${view.version}`}
        id={view.name}
        idLength={NAME_SHOWN_MAX}
        facts={<HeaderFacts project={project} view={view} />}
        actions={<ViewActions project={project} view={view} onOver={setOver} />}
      />
      <LineageRibbon project={project} type={thing.type} id={thing.id} version={thing.version} />
      <Tabs
        tabs={[
          {
            id: "overview",
            title: "Overview",
            content: () => <ViewOverview project={project} view={view} />,
          },
          {
            id: "online",
            title: "Brought online",
            content: () => (
              <Materializations project={project} name={view.name} dataset={view.source.dataset} />
            ),
          },
          {
            id: "values",
            title: "Values",
            content: () => (
              <ValuesForm
                joinKeys={view.joinKeys}
                read={(key) => readView({ project, params: { name: view.name }, body: { keys: [key] } })}
                code={(keys) => viewCode(project, view, keys)}
              />
            ),
          },
          {
            id: "lineage",
            title: "Lineage",
            content: () => <LineageGraph project={project} thing={thing} />,
          },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="feature-view" id={view.name} />,
          },
        ]}
      />
      {over === "code" && (
        <CodeDialog code={viewCode(project, view, anyKeys)} onClose={() => setOver(undefined)} />
      )}
      {over === "delete" && (
        <DeleteView project={project} name={view.name} onClose={() => setOver(undefined)} />
      )}
    </>
  );
}

function HeaderFacts({ project, view }: { project: string; view: View }) {
  const newest = useView(project, view.name, undefined).data?.version;
  return (
    <>
      <span>{plural(view.allFeatures.length, "feature")}</span>
      <Freshness view={view} />
      {newest !== undefined && newest > view.version && (
        <Link className="link" to={paths.featureView(project, view.name)}>
          newest is v{newest}
        </Link>
      )}
    </>
  );
}

function ViewActions({
  project,
  view,
  onOver,
}: {
  project: string;
  view: View;
  onOver: (over: "code" | "delete") => void;
}) {
  const { can } = useSession();
  const fresh = useFresh(FEATURE_READS);
  const [, setUrl] = useUrl();
  const bring = (mode: "full" | "incremental") =>
    void fresh(() => materialize({ project, params: { name: view.name }, body: { mode } })).then(
      () => setUrl({ tab: "online" }),
      () => undefined,
    );
  return (
    <>
      {can("feature:write") && (
        <button type="button" className="button button-primary" onClick={() => bring("incremental")}>
          <Upload size={14} /> <span className="max-sm:sr-only">Bring online</span>
        </button>
      )}
      <MoreMenu
        items={[
          { title: "Copy as code", run: () => onOver("code") },
          ...(can("feature:write")
            ? [
                { title: "Bring everything online again", run: () => bring("full") },
                "line" as const,
                { title: "Delete", danger: "yes", run: () => onOver("delete") },
              ]
            : []),
        ]}
      />
    </>
  );
}

function DeleteView({ project, name, onClose }: { project: string; name: string; onClose: () => void }) {
  const go = useGo();
  const farewell = useFarewell(FEATURE_READS);
  return (
    <ConfirmByTyping
      title="Delete the feature view"
      name={name}
      verb="Delete"
      explains="All its versions and online values go with it; refused while a service uses it. This cannot be undone."
      onConfirm={() =>
        farewell(
          () => deleteView({ project, params: { name } }),
          () => go(paths.features(project), "replace"),
        )
      }
      onClose={onClose}
    />
  );
}
