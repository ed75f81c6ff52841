import { Download, ShieldCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { addressOf, useMore, usePages } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { type AuditQuery, auditQuery, searchProjectRecords, searchRecords } from "./audit-api.ts";
import { RECORD_COLUMNS } from "./record-columns.tsx";
import { RecordFilters } from "./record-filters.tsx";
import { RecordPeek } from "./record-peek.tsx";
import { recordsCode } from "./same-as-code.ts";
import { Verify } from "./verify.tsx";

type Over = "verify" | "code";
/** The whole instance's records, for those who may read all of it; else the project's. */
type Reach = "instance" | "project";

/** Who did what, to what, and whether nobody has touched the record of it. */
export function AuditScreen() {
  const { can, project } = useSession();
  const [url, setUrl] = useUrl();
  const [now] = useState(() => Date.now());
  const [over, setOver] = useState<Over | undefined>();
  const close = () => setOver(undefined);
  const query = useMemo(() => auditQuery(url, now), [url, now]);
  const reach = can("audit:read") && can("instance:read") ? "instance" : "project";
  const { rows, ...pages } = useRecords(query, reach);
  const more = useMore(pages);
  const open = rows.find((record) => String(record.seq) === url.peek);
  return (
    <>
      <RoomHeader title="Audit">
        <Actions query={query} reach={reach} onOver={setOver} />
      </RoomHeader>
      <RecordFilters query={query} url={url} onChange={(change) => setUrl(change, "push")} />
      {pages.error ? (
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <Skeleton rows={10} />
      ) : (
        <Table
          name="audit"
          label="Audit records"
          rows={rows}
          rowId={(record) => String(record.seq)}
          columns={RECORD_COLUMNS}
          active={url.peek}
          onActivate={(record) => setUrl({ peek: String(record.seq) })}
          onEndReached={more}
          empty={Object.keys(query).length > 0 ? <NoMatch /> : <NoRecords />}
          footer={
            <RowsFooter noun="record" rows={rows} hasMore={pages.hasNextPage} columns={RECORD_COLUMNS}>
              <span>{reach === "instance" ? "Whole instance" : `Project ${project}`}</span>
            </RowsFooter>
          }
        />
      )}
      {open && (
        <Peek title={<code>{open.action}</code>} onClose={() => setUrl({ peek: undefined })}>
          <RecordPeek record={open} provable={reach === "instance" ? "yes" : "no"} />
        </Peek>
      )}
      {over === "verify" && <Verify onClose={close} />}
      {over === "code" && <CodeDialog code={recordsCode(query)} onClose={close} />}
    </>
  );
}

function useRecords(query: AuditQuery, reach: Reach) {
  const { project } = useSession();
  const everywhere = usePages(searchRecords, { query }, reach === "instance");
  const inProject = usePages(searchProjectRecords, { project, query }, reach === "project" && project !== "");
  const pages = reach === "instance" ? everywhere : inProject;
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  return { ...pages, rows };
}

function Actions({
  query,
  reach,
  onOver,
}: {
  query: AuditQuery;
  reach: Reach;
  onOver: (over: Over) => void;
}) {
  const exported = (format: "ndjson" | "csv") => addressOf("/audit/export", { query: { ...query, format } });
  const copies = { title: "Copy as code", run: () => onOver("code") };
  if (reach === "project") return <MoreMenu items={[copies]} />;
  return (
    <>
      <button type="button" className="button" onClick={() => onOver("verify")}>
        <ShieldCheck size={14} /> Verify
      </button>
      <a className="button" href={exported("csv")} download="audit.csv">
        <Download size={14} /> <span className="max-sm:sr-only">Export</span>
      </a>
      <MoreMenu
        items={[copies, { title: "Export as NDJSON", run: () => location.assign(exported("ndjson")) }]}
      />
    </>
  );
}

function NoMatch() {
  return <EmptyState title="No record matches">Loosen the filter or widen the time.</EmptyState>;
}

function NoRecords() {
  return (
    <EmptyState title="Nothing has been recorded">
      Every change, and every reading of data, leaves a line here.
    </EmptyState>
  );
}
