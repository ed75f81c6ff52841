import type { ServingEndpoint } from "@atrium/contract/serving";
import { useParams } from "@tanstack/react-router";
import { Rocket, Undo2 } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFarewell } from "../../lib/fresh.ts";
import { LineageGraph } from "../../lib/lineage-graph.tsx";
import { LineageRibbon } from "../../lib/lineage-ribbon.tsx";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { DeployDialog } from "./deploy-dialog.tsx";
import { Elsewhere } from "./elsewhere.tsx";
import { History } from "./history.tsx";
import { Overview } from "./overview.tsx";
import { Predictions } from "./predictions.tsx";
import { RollBackDialog } from "./roll-back-dialog.tsx";
import { endpointCode } from "./same-as-code.ts";
import { deleteEndpoint, SERVING_READS, useEndpoint } from "./serving-api.ts";
import { Snippets } from "./snippet-tabs.tsx";
import { EndpointState } from "./states.tsx";
import { TryIt } from "./try-it.tsx";

const NAME_SHOWN_MAX = 63;

/** One endpoint: what answers, how well, since when; and the way to ask it, to change it and to go back. */
export function EndpointScreen() {
  const project = useProject();
  const { endpoint: name = "" } = useParams({ strict: false }) as { endpoint?: string };
  const { data, error, refetch } = useEndpoint(project, name);
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <EndpointPage project={project} endpoint={data} />;
}

type Over = "code" | "delete" | "roll-back" | undefined;

function EndpointPage({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  const [over, setOver] = useState<Over>();
  const { name } = endpoint;
  return (
    <>
      <ObjectHeader
        kind="Endpoint"
        name={name}
        id={name}
        idLength={NAME_SHOWN_MAX}
        facts={
          <>
            <EndpointState state={endpoint.state} />
            <span>
              by {endpoint.createdBy}, <Ago at={endpoint.createdMs} />
            </span>
            <Elsewhere project={project} name={name} />
          </>
        }
        actions={<EndpointActions endpoint={endpoint} onOver={setOver} />}
      />
      <LineageRibbon project={project} type="endpoint" id={name} />
      <EndpointTabs project={project} endpoint={endpoint} />
      <Overlays project={project} endpoint={endpoint} over={over} onClose={() => setOver(undefined)} />
    </>
  );
}

function EndpointTabs({ project, endpoint }: { project: string; endpoint: ServingEndpoint }) {
  const thing = { type: "endpoint", id: endpoint.name };
  return (
    <Tabs
      tabs={[
        {
          id: "overview",
          title: "Overview",
          content: () => <Overview project={project} endpoint={endpoint} />,
        },
        { id: "try", title: "Try it", content: () => <TryIt project={project} endpoint={endpoint} /> },
        {
          id: "predictions",
          title: "Predictions",
          content: () => <Predictions project={project} endpoint={endpoint} />,
        },
        { id: "history", title: "History", content: () => <History project={project} endpoint={endpoint} /> },
        { id: "code", title: "Use it", content: () => <Snippets project={project} endpoint={endpoint} /> },
        { id: "lineage", title: "Lineage", content: () => <LineageGraph project={project} thing={thing} /> },
        {
          id: "activity",
          title: "Activity",
          content: () => <Activity project={project} type="endpoint" id={endpoint.id} />,
        },
      ]}
    />
  );
}

function EndpointActions({ endpoint, onOver }: { endpoint: ServingEndpoint; onOver: (over: Over) => void }) {
  const { can } = useSession();
  const [, setUrl] = useUrl();
  const writes = can("endpoint:write");
  return (
    <>
      {writes && endpoint.revision > 1 && (
        <button type="button" className="button" onClick={() => onOver("roll-back")}>
          <Undo2 size={14} /> <span className="max-sm:sr-only">Roll back</span>
        </button>
      )}
      {writes && (
        <button type="button" className="button button-primary" onClick={() => setUrl({ over: "deploy" })}>
          <Rocket size={14} /> <span className="max-sm:sr-only">Deploy</span>
        </button>
      )}
      <MoreMenu
        items={[
          { title: "Copy as code", run: () => onOver("code") },
          ...(can("endpoint:delete")
            ? ["line" as const, { title: "Delete", danger: "yes", run: () => onOver("delete") }]
            : []),
        ]}
      />
    </>
  );
}

function Overlays({
  project,
  endpoint,
  over,
  onClose,
}: {
  project: string;
  endpoint: ServingEndpoint;
  over: Over;
  onClose: () => void;
}) {
  const go = useGo();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const farewell = useFarewell(SERVING_READS);
  const { name } = endpoint;
  return (
    <>
      {can("endpoint:write") && url.over === "deploy" && (
        <DeployDialog
          project={project}
          endpoint={endpoint}
          model={url.model ?? endpoint.deployments[0]?.model.name}
          version={url.version}
          onClose={() => setUrl({ over: undefined, model: undefined, version: undefined })}
        />
      )}
      {over === "roll-back" && <RollBackDialog project={project} endpoint={endpoint} onClose={onClose} />}
      {over === "code" && <CodeDialog code={endpointCode(project, endpoint)} onClose={onClose} />}
      {over === "delete" && (
        <ConfirmByTyping
          title="Delete the endpoint"
          name={name}
          verb="Delete"
          explains="Its engines end at once and whoever asks it is refused; its prediction log goes with it. This cannot be undone."
          onConfirm={() =>
            farewell(
              () => deleteEndpoint({ project, params: { endpoint: name } }),
              () => go(paths.endpoints(project), "replace"),
            )
          }
          onClose={onClose}
        />
      )}
    </>
  );
}
