import { Plus } from "lucide-react";
import { useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { visibleColumns } from "../../lib/table/column.ts";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { monitorColumns } from "./monitor-columns.tsx";
import { MonitorPeek } from "./monitor-peek.tsx";
import { useMonitors } from "./monitoring-api.ts";
import { firstMonitorCode } from "./same-as-code.ts";

/** The project's monitors with their state; a row opens what one wants to know first. */
export function MonitorList({ project }: { project: string }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useMonitors(project);
  const columns = useMemo(() => monitorColumns(project), [project]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  const peeked = rows.find(({ name }) => name === url.peek);
  return (
    <>
      <Table
        name="monitors"
        label="Monitors"
        rows={rows}
        rowId={({ name }) => name}
        columns={columns}
        active={url.peek}
        onActivate={({ name }) => setUrl({ peek: name })}
        onOpen={({ name }) => go(paths.monitor(project, name))}
        onEndReached={onEndReached}
        empty={<NoMonitors project={project} />}
        footer={
          <RowsFooter
            noun="monitor"
            rows={rows}
            hasMore={hasNextPage}
            columns={visibleColumns(columns, [], "wide")}
          />
        }
      />
      {peeked && (
        <Peek
          title={peeked.name}
          to={paths.monitor(project, peeked.name)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <MonitorPeek project={project} monitor={peeked} />
        </Peek>
      )}
    </>
  );
}

function NoMonitors({ project }: { project: string }) {
  const { can } = useSession();
  return (
    <EmptyState
      title="Nothing is watched yet"
      drawing="chart"
      action={
        <div className="flex w-full flex-col items-center gap-4">
          {can("monitor:write") && (
            <Link to={paths.newMonitor(project)} className="button button-primary">
              <Plus size={14} /> Watch an endpoint or a dataset
            </Link>
          )}
          <TokenCommand command={(token) => firstMonitorCode(project, token)} />
        </div>
      }
    >
      A monitor cuts what an endpoint answers, or the rows of a dataset, into windows, and says of each how
      far it is from a reference, what is missing in it, and how right the predictions were once labels come.
    </EmptyState>
  );
}
