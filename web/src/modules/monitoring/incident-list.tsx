import { useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { visibleColumns } from "../../lib/table/column.ts";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { incidentColumns } from "./incident-columns.tsx";
import { IncidentPeek } from "./incident-peek.tsx";
import { type IncidentState, useIncidents } from "./monitoring-api.ts";

const STATES: readonly { value: IncidentState | ""; title: string }[] = [
  { value: "", title: "All incidents" },
  { value: "unresolved", title: "Not resolved" },
  { value: "open", title: "Open" },
  { value: "acknowledged", title: "Acknowledged" },
  { value: "resolved", title: "Resolved" },
];

/** Incidents of the project, or of one monitor, newest first. */
export function IncidentList({ project, monitorId }: { project: string; monitorId?: string }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const state = STATES.find(({ value }) => value !== "" && value === url.state)?.value || undefined;
  const pages = useIncidents(project, { monitorId, state });
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = pages;
  const columns = useMemo(
    () => incidentColumns(project, monitorId === undefined ? "room" : "monitor"),
    [project, monitorId],
  );
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  const peeked = rows.find(({ id }) => id === url.peek);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-3 px-4 py-2">
        <p className="min-w-48 flex-1 text-ink-2">
          A rule opens one incident, and resolves it when its values are back.
        </p>
        <select
          className="field !w-auto"
          aria-label="State"
          value={state ?? ""}
          onChange={(event) => setUrl({ state: event.target.value || undefined, peek: undefined })}
        >
          {STATES.map(({ value, title }) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <Table
        name="incidents"
        label="Incidents"
        rows={rows}
        rowId={({ id }) => id}
        columns={columns}
        active={url.peek}
        onActivate={({ id }) => setUrl({ peek: id })}
        onOpen={({ id }) => go(paths.incident(project, id))}
        onEndReached={onEndReached}
        empty={<NoIncidents state={state} />}
        footer={
          <RowsFooter
            noun="incident"
            rows={rows}
            hasMore={hasNextPage}
            columns={visibleColumns(columns, [], "wide")}
          />
        }
      />
      {peeked && (
        <Peek
          title={peeked.rule}
          to={paths.incident(project, peeked.id)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <IncidentPeek project={project} incident={peeked} />
        </Peek>
      )}
    </div>
  );
}

function NoIncidents({ state }: { state: IncidentState | undefined }) {
  if (state !== undefined) return <EmptyState title="No incident is in this state" />;
  return (
    <EmptyState title="No incident yet" drawing="chart">
      A monitor's rules say when a value is too far off for too long; then an incident opens here, is told to
      channels, and may start a pipeline.
    </EmptyState>
  );
}
