import type { AuditRecord } from "@atrium/contract/audit";
import { Download, ShieldCheck } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { addressOf, usePages } from "../../lib/api.ts";
import { CopyAsCode, curlOf } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { formatTime } from "../../lib/format.ts";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { type AuditQuery, auditQuery, SPANS, searchProjectRecords, searchRecords } from "./audit-api.ts";
import { RecordPeek } from "./record-peek.tsx";
import { Verify } from "./verify.tsx";

const COLUMNS: Column<AuditRecord>[] = [
  {
    id: "time",
    title: "When",
    width: 120,
    fixed: "first",
    text: (r) => formatTime(r.atMs),
    cell: (r) => <Ago at={r.atMs} />,
  },
  {
    id: "actor",
    title: "Who",
    width: 180,
    usual: "shown",
    text: (r) => r.actor.name,
    cell: (r) => r.actor.name || r.actor.kind,
  },
  {
    id: "action",
    title: "Did what",
    width: 220,
    usual: "shown",
    text: (r) => r.action,
    cell: (r) => <code>{r.action}</code>,
  },
  {
    id: "resource",
    title: "To what",
    width: 280,
    usual: "shown",
    text: (r) => `${r.resource.type} ${r.resource.name ?? r.resource.id}`,
    cell: (r) => (
      <>
        <span className="text-ink-3">{r.resource.type}</span> {r.resource.name ?? r.resource.id}
      </>
    ),
  },
  {
    id: "outcome",
    title: "Outcome",
    width: 100,
    usual: "shown",
    text: (r) => r.outcome,
    cell: (r) => <span className={r.outcome === "done" ? "text-ink-2" : "text-bad"}>{r.outcome}</span>,
  },
  {
    id: "ip",
    title: "From",
    width: 140,
    usual: "shown",
    text: (r) => r.request.ip,
    cell: (r) => r.request.ip,
  },
  {
    id: "seq",
    title: "No.",
    width: 80,
    align: "end",
    usual: "shown",
    text: (r) => r.seq,
    cell: (r) => r.seq,
  },
];

/** Who did what, to what, and whether nobody has touched the record of it. */
export function AuditScreen() {
  const { can, project } = useSession();
  const [url, setUrl] = useUrl();
  const [now] = useState(() => Date.now());
  const [over, setOver] = useState<"verify" | "code" | undefined>();
  const query = useMemo(() => auditQuery(url, now), [url, now]);
  const whole = can("audit:read") && can("instance:read");
  const everywhere = usePages(searchRecords, { query }, whole);
  const inProject = usePages(searchProjectRecords, { project, query }, !whole && project !== "");
  const pages = whole ? everywhere : inProject;
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const { fetchNextPage, hasNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage) void fetchNextPage();
  }, [hasNextPage, fetchNextPage]);
  const open = rows.find((record) => String(record.seq) === url.peek);
  const filtered = Object.keys(query).length > 0;
  const exported = (format: "ndjson" | "csv") => addressOf("/audit/export", { query: { ...query, format } });
  return (
    <>
      <RoomHeader title="Audit">
        {whole && (
          <button type="button" className="button" onClick={() => setOver("verify")}>
            <ShieldCheck size={14} /> Verify
          </button>
        )}
        {whole && (
          <a className="button" href={exported("csv")} download="audit.csv">
            <Download size={14} /> <span className="max-sm:sr-only">Export</span>
          </a>
        )}
        <MoreMenu
          items={[
            { title: "Copy as code", run: () => setOver("code") },
            ...(whole ? [{ title: "Export as NDJSON", run: () => location.assign(exported("ndjson")) }] : []),
          ]}
        />
      </RoomHeader>
      <Filters query={query} url={url} onChange={(change) => setUrl(change, "push")} />
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
          columns={COLUMNS}
          active={url.peek}
          onActivate={(record) => setUrl({ peek: String(record.seq) })}
          onEndReached={more}
          empty={
            <EmptyState title={filtered ? "No record matches" : "Nothing has been recorded"}>
              {filtered
                ? "Loosen the filter or widen the time."
                : "Every change, and every reading of data, leaves a line here."}
            </EmptyState>
          }
          footer={
            <RowsFooter noun="record" rows={rows} hasMore={hasNextPage} columns={COLUMNS}>
              <span>{whole ? "Whole instance" : `Project ${project}`}</span>
            </RowsFooter>
          }
        />
      )}
      {open && (
        <Peek title={<code>{open.action}</code>} onClose={() => setUrl({ peek: undefined })}>
          <RecordPeek record={open} provable={whole ? "yes" : "no"} />
        </Peek>
      )}
      {over === "verify" && <Verify onClose={() => setOver(undefined)} />}
      {over === "code" && (
        <Dialog title="The same as code" wide="wide" onClose={() => setOver(undefined)}>
          <CopyAsCode code={code(query)} />
        </Dialog>
      )}
    </>
  );
}

// Typing may pause this long before the question is asked.
const TYPING_MS = 300;

function Filters({
  query,
  url,
  onChange,
}: {
  query: AuditQuery;
  url: Readonly<Record<string, string | undefined>>;
  onChange: (change: Record<string, string | undefined>) => void;
}) {
  const [text, setText] = useState(url.text ?? "");
  useEffect(() => {
    if (text === (url.text ?? "")) return;
    const timer = setTimeout(() => onChange({ text: text || undefined }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <search className="flex shrink-0 flex-wrap gap-2 px-4 pb-3">
      <input
        className="field !h-7 min-w-40 flex-1"
        type="search"
        aria-label="Find in all records"
        placeholder="A name, an id, any word"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <input
        className="field !h-7 max-w-44"
        aria-label="Action"
        placeholder="Action, such as run."
        defaultValue={query.action ?? ""}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange({ action: event.currentTarget.value || undefined });
        }}
        onBlur={(event) => {
          if (event.target.value !== (url.action ?? ""))
            onChange({ action: event.target.value || undefined });
        }}
      />
      <select
        className="field !h-7 !w-auto"
        aria-label="Outcome"
        value={url.outcome ?? ""}
        onChange={(event) => onChange({ outcome: event.target.value || undefined })}
      >
        <option value="">Any outcome</option>
        <option value="done">Done</option>
        <option value="denied">Denied</option>
        <option value="failed">Failed</option>
      </select>
      <select
        className="field !h-7 !w-auto"
        aria-label="Time"
        value={url.span ?? ""}
        onChange={(event) => onChange({ span: event.target.value || undefined })}
      >
        <option value="">Any time</option>
        {Object.entries(SPANS).map(([name, span]) => (
          <option key={name} value={name}>
            {span.title}
          </option>
        ))}
      </select>
    </search>
  );
}

function code(query: AuditQuery) {
  const address = addressOf("/audit/records", { query: { ...query } });
  return {
    cli: `atrium audit list${query.action ? ` --action ${query.action}` : ""}${query.text ? ` --text '${query.text.replaceAll("'", "")}'` : ""}`,
    python: `import os, requests\n\nanswer = requests.get(\n    "${location.origin}${address}",\n    headers={"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"},\n)\nfor record in answer.json()["items"]:\n    print(record["actor"]["name"], record["action"])`,
    curl: curlOf(address),
  };
}
