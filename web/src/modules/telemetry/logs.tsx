import type { LogLine } from "@atrium/contract/telemetry";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { CopyButton } from "../../lib/copy.tsx";
import { plural } from "../../lib/format.ts";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { toCsv } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Histogram } from "./histogram.tsx";
import { LinePeek } from "./line-peek.tsx";
import { LOG_COLUMNS } from "./log-columns.tsx";
import { withLabel } from "./log-query.ts";
import { LogToolbar } from "./log-toolbar.tsx";
import { logsCode } from "./same-as-code.ts";
import { useLogLines } from "./use-log-lines.ts";
import { type LogView, useLogView } from "./use-log-view.ts";

/** Everything that was written, by label and word; a histogram above, live if asked. */
export function Logs({ project }: { project: string }) {
  const [url, setUrl] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const view = useLogView(project);
  const log = useLogLines(view);
  const { bars, dropped } = log;
  const open = log.lines.find((line) => line.id === url.peek);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <LogToolbar view={view} onCode={() => setCode("shown")} />
      {bars && (
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
      {log.error ? (
        <ErrorState error={log.error} onRetry={log.retry} />
      ) : log.isPending ? (
        <Skeleton rows={12} />
      ) : (
        <Table
          name="logs"
          label="Log lines"
          rows={log.lines}
          rowId={(line) => line.id}
          columns={LOG_COLUMNS}
          active={url.peek}
          onActivate={(line) => setUrl({ peek: line.id })}
          onEndReached={log.more}
          empty={<NoLines live={view.live} />}
          footer={<LinesFooter lines={log.lines} hasMore={log.hasMore} />}
        />
      )}
      {open && (
        <Peek title="Log line" onClose={() => setUrl({ peek: undefined })}>
          <LinePeek
            project={project}
            line={open}
            onLabel={(name, value) => setUrl({ q: withLabel(view.q, name, value) }, "push")}
          />
        </Peek>
      )}
      {code === "shown" && (
        <CodeDialog code={logsCode(project, view.scope, view.q)} onClose={() => setCode("hidden")} />
      )}
    </div>
  );
}

function NoLines({ live }: Pick<LogView, "live">) {
  if (live === "on")
    return (
      <EmptyState title="Waiting for the next line">New lines appear here as they are written.</EmptyState>
    );
  return (
    <EmptyState title="No line matches">
      Widen the time or loosen the words. Labels are written as <code>role=api</code>, phrases in quotes.
    </EmptyState>
  );
}

function LinesFooter({ lines, hasMore }: { lines: readonly LogLine[]; hasMore: boolean }) {
  return (
    <>
      <span>
        {plural(lines.length, "line")}
        {hasMore ? " loaded, more below" : ""}
      </span>
      <span className="ml-auto flex items-center gap-1">
        CSV <CopyButton what="these lines as CSV" text={() => toCsv(LOG_COLUMNS, lines)} />
      </span>
    </>
  );
}
