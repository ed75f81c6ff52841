import type { telemetryApi } from "@atrium/contract/telemetry";
import { operation, usePages } from "../../lib/api.ts";
import { formatTime } from "../../lib/format.ts";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";

const searchLogs = operation<(typeof telemetryApi)["searchLogs"]>("GET /logs");
const COLOURS = { debug: "text-ink-3", info: "text-ink", warn: "text-warn", error: "text-bad" };

/** What was written while the run ran, newest first. */
export function RunLogs({
  project,
  runId,
  fromMs,
}: {
  project: string;
  runId: string;
  fromMs: number | undefined;
}) {
  const { can } = useSession();
  const pages = usePages(
    searchLogs,
    { project, query: { labels: `run=${runId}`, fromMs: fromMs ?? 0 } },
    can("telemetry:read"),
  );
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  const lines = pages.data?.pages.flatMap((page) => page.items);
  if (!lines) return <Skeleton />;
  if (lines.length === 0)
    return (
      <EmptyState title="No log lines">
        Lines that carry this run's id as the label <code>run</code> appear here, whichever program wrote
        them.
      </EmptyState>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <ol className="mono flex-1 overflow-auto p-4" tabIndex={0}>
      {lines.map((line) => (
        <li key={line.id} className="flex gap-3 py-0.5">
          <time className="shrink-0 whitespace-nowrap text-ink-3" title={formatTime(line.atMs)}>
            {new Date(line.atMs).toISOString().slice(11, 23)}
          </time>
          <span className={`w-10 shrink-0 ${COLOURS[line.level]}`}>{line.level}</span>
          <span className="min-w-0 whitespace-pre-wrap break-words">{line.message}</span>
        </li>
      ))}
      {pages.hasNextPage && (
        <li>
          <button type="button" className="button" onClick={() => void pages.fetchNextPage()}>
            Show earlier
          </button>
        </li>
      )}
    </ol>
  );
}
