import { Rocket } from "lucide-react";
import { useMemo, useState } from "react";
import { useMore } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { plural } from "../../lib/format.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { DeployDialog } from "./deploy-dialog.tsx";
import { endpointColumns } from "./endpoint-columns.tsx";
import { EndpointPeek } from "./endpoint-peek.tsx";
import { endpointsCode, firstEndpointCode } from "./same-as-code.ts";
import { useAllStats, useEndpoints } from "./serving-api.ts";

/** Every endpoint of the project with what it serves and how it does. */
export function EndpointsScreen() {
  const project = useProject();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const writes = can("endpoint:write");
  return (
    <>
      <RoomHeader title="Endpoints">
        {writes && (
          <button type="button" className="button button-primary" onClick={() => setUrl({ over: "deploy" })}>
            <Rocket size={14} /> Deploy
          </button>
        )}
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      <EndpointList project={project} />
      {code === "shown" && <CodeDialog code={endpointsCode(project)} onClose={() => setCode("hidden")} />}
      {writes && url.over === "deploy" && (
        <DeployDialog
          project={project}
          model={url.model}
          version={url.version}
          onClose={() => setUrl({ over: undefined, model: undefined, version: undefined })}
        />
      )}
    </>
  );
}

function EndpointList({ project }: { project: string }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useEndpoints(project);
  const numbers = useAllStats(project);
  const columns = useMemo(() => endpointColumns(project, numbers), [project, numbers]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  return (
    <>
      <Table
        name="endpoints"
        label="Endpoints"
        rows={rows}
        rowId={({ name }) => name}
        columns={columns}
        active={url.peek}
        onActivate={({ name }) => setUrl({ peek: name })}
        onOpen={({ name }) => go(paths.endpoint(project, name))}
        onEndReached={onEndReached}
        empty={<NoEndpoints project={project} />}
        footer={
          <span>
            {plural(rows.length, "endpoint")}
            {hasNextPage ? " loaded, more below" : ""}; numbers are of the last hour
          </span>
        }
      />
      {url.peek && (
        <Peek
          title={url.peek}
          to={paths.endpoint(project, url.peek)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <EndpointPeek project={project} name={url.peek} />
        </Peek>
      )}
    </>
  );
}

function NoEndpoints({ project }: { project: string }) {
  return (
    <EmptyState
      title="No endpoints yet"
      drawing="flow"
      action={<TokenCommand command={(token) => firstEndpointCode(project, token)} />}
    >
      An endpoint answers with a model version. It takes traffic once the model has answered its own example,
      and goes back in one click.
    </EmptyState>
  );
}
