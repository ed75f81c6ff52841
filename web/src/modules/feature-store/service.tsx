import type { Service } from "@atrium/contract/feature-store";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CopyAsCode } from "../../lib/code.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { Description } from "../../lib/description.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useFarewell } from "../../lib/fresh.ts";
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
import { Ago } from "../../lib/words.tsx";
import { deleteService, FEATURE_READS, readService, useService, useView, versionIn } from "./features-api.ts";
import { Freshness } from "./freshness.tsx";
import { serviceCode } from "./same-as-code.ts";
import { ValuesForm } from "./values-form.tsx";

const NAME_SHOWN_MAX = 60;

/** One feature service: which features of which views a model takes, and how its clients ask for them. */
export function ServiceScreen() {
  const project = useProject();
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  const [url] = useUrl();
  const { data, error, refetch } = useService(project, name, versionIn(url.version));
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <ServicePage project={project} service={data} />;
}

function ServicePage({ project, service }: { project: string; service: Service }) {
  const { can } = useSession();
  const [over, setOver] = useState<"delete" | "code" | undefined>();
  const thing = { type: "feature-service", id: service.name, version: String(service.version) };
  const anyKeys = Object.fromEntries(service.joinKeys.map(({ name }) => [name, "…"]));
  return (
    <>
      <ObjectHeader
        kind="Feature service"
        name={`${service.name} v${service.version}`}
        id={service.name}
        idLength={NAME_SHOWN_MAX}
        facts={
          <>
            <span>{plural(service.views.length, "view")}</span>
            <code>{service.joinKeys.map(({ name }) => name).join(", ")}</code>
            <span>
              by {service.createdBy}, <Ago at={service.createdMs} />
            </span>
          </>
        }
        actions={
          <MoreMenu
            items={[
              { title: "Copy as code", run: () => setOver("code") },
              ...(can("feature:write")
                ? ["line" as const, { title: "Delete", danger: "yes", run: () => setOver("delete") }]
                : []),
            ]}
          />
        }
      />
      <LineageRibbon project={project} type={thing.type} id={thing.id} version={thing.version} />
      <Tabs
        tabs={[
          {
            id: "overview",
            title: "Overview",
            content: () => <Overview project={project} service={service} />,
          },
          {
            id: "values",
            title: "Values",
            content: () => (
              <ValuesForm
                joinKeys={service.joinKeys}
                read={(key) =>
                  readService({ project, params: { name: service.name }, body: { keys: [key] } })
                }
                code={(keys) => serviceCode(project, service, keys)}
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
            content: () => <Activity project={project} type="feature-service" id={service.name} />,
          },
        ]}
      />
      {over === "code" && (
        <CodeDialog code={serviceCode(project, service, anyKeys)} onClose={() => setOver(undefined)} />
      )}
      {over === "delete" && (
        <DeleteService project={project} name={service.name} onClose={() => setOver(undefined)} />
      )}
    </>
  );
}

function Overview({ project, service }: { project: string; service: Service }) {
  const anyKeys = Object.fromEntries(service.joinKeys.map(({ name }) => [name, "…"]));
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2 lg:items-start">
      <div className="flex min-w-0 flex-col gap-4">
        {service.views.map((one) => (
          <ServedView key={one.view} project={project} served={one} />
        ))}
        <Description text={service.description} />
      </div>
      <section className="card min-w-0 p-3">
        <h2 className="mb-2">Ask for it</h2>
        <CopyAsCode code={serviceCode(project, service, anyKeys)} />
      </section>
    </div>
  );
}

function ServedView({ project, served }: { project: string; served: Service["views"][number] }) {
  const { data: view } = useView(project, served.view, served.version);
  return (
    <section className="card min-w-0">
      <header className="flex min-h-9 flex-wrap items-center gap-x-3 border-line border-b px-3 py-1">
        <h2>
          <Link className="link" to={paths.featureView(project, served.view, served.version)}>
            {served.view} v{served.version}
          </Link>
        </h2>
        {view && (
          <span className="ml-auto text-xs">
            <Freshness view={view} />
          </span>
        )}
      </header>
      <ul className="flex flex-wrap gap-1 p-3">
        {served.features.map((name) => (
          <li key={name} className="rounded border border-line bg-sunken px-1.5">
            <code title={view?.allFeatures.find((feature) => feature.name === name)?.aggregation}>
              {name}
            </code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function DeleteService({ project, name, onClose }: { project: string; name: string; onClose: () => void }) {
  const go = useGo();
  const farewell = useFarewell(FEATURE_READS);
  return (
    <ConfirmByTyping
      title="Delete the feature service"
      name={name}
      verb="Delete"
      explains="Whoever asks for it is refused from then on; training sets made with it stay. This cannot be undone."
      onConfirm={() =>
        farewell(
          () => deleteService({ project, params: { name } }),
          () => go(`${paths.features(project)}?tab=services`, "replace"),
        )
      }
      onClose={onClose}
    />
  );
}
