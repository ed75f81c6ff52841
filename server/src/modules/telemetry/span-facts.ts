import type { PreparedLine } from "./log-block.ts";
import type { TraceRow } from "./tables.ts";

/** What the index of traces knows of a span without opening it. */
export interface SpanFacts {
  traceId: string;
  endMs: number;
}

/** One index row for each trace that has spans among the lines of a row. */
export function traceRows(
  lines: readonly (PreparedLine & { span?: SpanFacts })[],
  place: { projectId: string; stream: string; firstLine: number },
): TraceRow[] {
  const rows = new Map<string, TraceRow>();
  for (const { span, atMs, level } of lines) {
    if (span === undefined) continue;
    const failed = level === "error" ? 1 : 0;
    const row = rows.get(span.traceId);
    if (row === undefined) {
      rows.set(span.traceId, {
        project_id: place.projectId,
        trace_id: span.traceId,
        stream: place.stream,
        first_line: place.firstLine,
        from_ms: atMs,
        to_ms: span.endMs,
        spans: 1,
        errors: failed,
      });
      continue;
    }
    row.from_ms = Math.min(row.from_ms, atMs);
    row.to_ms = Math.max(row.to_ms, span.endMs);
    row.spans += 1;
    row.errors += failed;
  }
  return [...rows.values()];
}
