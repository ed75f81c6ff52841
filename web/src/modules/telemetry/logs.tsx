import type { LogLine } from "@atrium/contract/telemetry";
import { Radio, RefreshCw } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { addressOf, useApi, usePages } from "../../lib/api.ts";
import { CopyAsCode, curlOf } from "../../lib/code.tsx";
import { CopyButton } from "../../lib/copy.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { formatTime, plural } from "../../lib/format.ts";
import { useShortcuts } from "../../lib/keys.ts";
import { MoreMenu } from "../../lib/menu.tsx";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Column, toCsv } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Histogram } from "./histogram.tsx";
import { LinePeek } from "./line-peek.tsx";
import { labelOf, parseLogQuery, SPANS, timeRange, USUAL_SPAN, withLabel } from "./log-query.ts";
import { useTail } from "./tail.ts";
import {
  instanceLogHistogram,
  logHistogram,
  type Scope,
  searchInstanceLogs,
  searchLogs,
} from "./telemetry-api.ts";

const BARS = 80;
const COLOURS = { debug: "text-ink-3", info: "text-ink-2", warn: "text-warn", error: "text-bad" };

const COLUMNS: Column<LogLine>[] = [
  {
    id: "time",
    title: "Time",
    width: 130,
    fixed: "first",
    text: (line) => new Date(line.atMs).toISOString(),
    cell: (line) => (
      <time className="mono text-ink-3" title={formatTime(line.atMs)}>
        {clock(line.atMs)}
      </time>
    ),
  },
  {
    id: "level",
    title: "Level",
    width: 72,
    usual: "shown",
    text: (line) => line.level,
    cell: (line) => <span className={`mono ${COLOURS[line.level]}`}>{line.level}</span>,
  },
  {
    id: "message",
    title: "Message",
    width: 720,
    usual: "shown",
    text: (line) => line.message,
    cell: (line) => <span className="mono">{line.message}</span>,
  },
];

/** Everything that was written, by label and word; a histogram above, live if asked. */
export function Logs({ project }: { project: string }) {
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const [now, setNow] = useState(() => Date.now());
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const scope: Scope = url.scope === "instance" && can("instance:read") ? "instance" : "project";
  const live = url.live === "1" ? "on" : "off";
  const asked = useMemo(() => parseLogQuery(url.q ?? ""), [url.q]);
  const range = useMemo(() => timeRange(url, now), [url, now]);
  const query = { ...asked, ...range };
  const inProject = usePages(searchLogs, { project, query }, scope === "project" && live === "off");
  const inInstance = usePages(searchInstanceLogs, { query }, scope === "instance" && live === "off");
  const pages = scope === "instance" ? inInstance : inProject;
  const projectBars = useApi(
    logHistogram,
    { project, query: { ...query, buckets: BARS } },
    { enabled: scope === "project" && live === "off", placeholderData: (before) => before },
  );
  const instanceBars = useApi(
    instanceLogHistogram,
    { query: { ...query, buckets: BARS } },
    { enabled: scope === "instance" && live === "off", placeholderData: (before) => before },
  );
  const bars = scope === "instance" ? instanceBars.data : projectBars.data;
  const tail = useTail(scope, project, asked, live);
  const found = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const lines = live === "on" ? tail : found;
  const dropped = pages.data?.pages[0]?.dropped ?? 0;
  const { fetchNextPage, hasNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage) void fetchNextPage();
  }, [hasNextPage, fetchNextPage]);
  const open = lines.find((line) => line.id === url.peek);
  const change = (q: string) => setUrl({ q: q || undefined }, "push");
  useShortcuts([
    {
      keys: "t",
      does: "Follow new lines",
      where: "Logs",
      run: () => setUrl({ live: live === "on" ? undefined : "1" }),
    },
  ]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <search className="flex shrink-0 flex-wrap gap-2 px-4 py-3">
        <QueryLine value={url.q ?? ""} onApply={change} />
        <select
          className="field !h-7 !w-auto"
          aria-label="Level"
          value={labelOf(url.q ?? "", "level")}
          onChange={(event) => change(withLabel(url.q ?? "", "level", event.target.value || undefined))}
        >
          <option value="">Any level</option>
          {Object.keys(COLOURS).map((level) => (
            <option key={level}>{level}</option>
          ))}
        </select>
        <select
          className="field !h-7 !w-auto"
          aria-label="Time"
          value={url.from ? "" : (url.span ?? USUAL_SPAN)}
          onChange={(event) => {
            setNow(Date.now());
            setUrl(
              {
                span: event.target.value === USUAL_SPAN ? undefined : event.target.value,
                from: undefined,
                to: undefined,
              },
              "push",
            );
          }}
        >
          {url.from && <option value="">Chosen range</option>}
          {Object.entries(SPANS).map(([name, span]) => (
            <option key={name} value={name}>
              {span.title}
            </option>
          ))}
        </select>
        {can("instance:read") && (
          <select
            className="field !h-7 !w-auto"
            aria-label="Where"
            value={scope}
            onChange={(event) =>
              setUrl({ scope: event.target.value === "instance" ? "instance" : undefined }, "push")
            }
          >
            <option value="project">This project</option>
            <option value="instance">The whole server</option>
          </select>
        )}
        <button
          type="button"
          className="button button-icon"
          aria-label="Look again"
          disabled={live === "on"}
          onClick={() => setNow(Date.now())}
        >
          <RefreshCw size={14} />
        </button>
        <button
          type="button"
          aria-pressed={live === "on"}
          className={`button ${live === "on" ? "text-good" : ""}`}
          onClick={() => setUrl({ live: live === "on" ? undefined : "1" })}
        >
          <Radio size={14} className={live === "on" ? "breathe" : ""} /> Follow
        </button>
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </search>
      {live === "off" && bars && (
        <Histogram
          buckets={bars.buckets}
          stepMs={bars.stepMs}
          onRange={(from, to) => setUrl({ from: String(from), to: String(to) }, "push")}
        />
      )}
      {dropped > 0 && (
        <p className="shrink-0 bg-warn-soft px-4 py-1 text-xs">
          {plural(dropped, "line")} could not be kept since the server started.
        </p>
      )}
      {live === "off" && pages.error ? (
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      ) : live === "off" && pages.isPending ? (
        <Skeleton rows={12} />
      ) : (
        <Table
          name="logs"
          label="Log lines"
          rows={lines}
          rowId={(line) => line.id}
          columns={COLUMNS}
          active={url.peek}
          onActivate={(line) => setUrl({ peek: line.id })}
          onEndReached={live === "off" ? more : () => {}}
          empty={
            live === "on" ? (
              <EmptyState title="Waiting for the next line">
                New lines appear here as they are written.
              </EmptyState>
            ) : (
              <EmptyState title="No line matches">
                Widen the time or loosen the words. Labels are written as <code>role=api</code>, phrases in
                quotes.
              </EmptyState>
            )
          }
          footer={
            <>
              <span>
                {plural(lines.length, "line")}
                {live === "off" && hasNextPage ? " loaded, more below" : ""}
              </span>
              <span className="ml-auto flex items-center gap-1">
                CSV <CopyButton what="these lines as CSV" text={() => toCsv(COLUMNS, lines)} />
              </span>
            </>
          }
        />
      )}
      {open && (
        <Peek title="Log line" onClose={() => setUrl({ peek: undefined })}>
          <LinePeek
            project={project}
            line={open}
            onLabel={(name, value) => change(withLabel(url.q ?? "", name, value))}
          />
        </Peek>
      )}
      {code === "shown" && (
        <Dialog title="The same as code" wide="wide" onClose={() => setCode("hidden")}>
          <CopyAsCode code={logsCode(project, scope, url.q ?? "")} />
        </Dialog>
      )}
    </div>
  );
}

function QueryLine({ value, onApply }: { value: string; onApply: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useShortcuts([
    {
      keys: "/",
      does: "Search the logs",
      where: "Logs",
      run: () => document.getElementById("log-query")?.focus(),
    },
  ]);
  return (
    <form
      className="flex min-w-48 flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        onApply(text.trim());
      }}
    >
      <input
        id="log-query"
        className="field mono !h-7"
        type="search"
        aria-label="Search the logs"
        placeholder='role=api "timed out"'
        value={text}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

function clock(atMs: number): string {
  const at = new Date(atMs);
  return `${at.toLocaleTimeString(undefined, { hour12: false })}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

function logsCode(project: string, scope: Scope, q: string) {
  const asked = parseLogQuery(q);
  const address =
    scope === "instance"
      ? addressOf("/instance/logs", { query: { ...asked } })
      : addressOf("/logs", { project, query: { ...asked } });
  return {
    cli: `atrium logs${scope === "project" ? ` --project ${project}` : ""}${asked.labels ? ` --labels ${asked.labels}` : ""}${asked.text ? ` --text '${asked.text.replaceAll("'", "")}'` : ""}`,
    python: `import os, requests\n\nanswer = requests.get(\n    "${location.origin}${address}",\n    headers={"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"},\n)\nfor line in answer.json()["items"]:\n    print(line["message"])`,
    curl: curlOf(address),
  };
}
