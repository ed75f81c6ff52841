import type { TraceSummary } from "@atrium/contract/telemetry";
import { AppError } from "#lib/errors";
import type { TelemetryDeps } from "./deps.ts";
import { parseAttributes, parseWords } from "./log-filter.ts";
import type { LogKeys } from "./log-keys.ts";
import { questionOf } from "./log-range.ts";
import type { FoundLine } from "./log-scan.ts";
import type { Scanner } from "./log-scanner.ts";
import { type LogSearch, sealed } from "./log-search.ts";
import * as queries from "./queries.ts";
import type { Trace, TracesAsked } from "./signals.ts";
import { spanOfLine } from "./span-entry.ts";
import { treeOf } from "./span-tree.ts";
import { rowsOfTrace, sumsOfTraces } from "./trace-queries.ts";

const SPANS_MAX = 5000; // More than anybody looks at; about 5 MiB of answer.
const ROWS_MAX = 1000; // A trace that came in a thousand pieces is read as far as these.

/** Reads spans: by what they are, and by the trace to which they belong. */
export interface TraceSearch {
  search(
    projectId: string,
    asked: TracesAsked & { pageSize: number; pageToken?: string | undefined },
  ): Promise<{ items: TraceSummary[]; nextToken?: string }>;
  trace(projectId: string, traceId: string): Promise<Trace>;
}

export function createTraceSearch(
  deps: Pick<TelemetryDeps, "db" | "clock" | "projects">,
  { keys, scanner, search }: { keys: LogKeys; scanner: Scanner; search: LogSearch },
): TraceSearch {
  const { db } = deps;
  return { search: searchTraces, trace };

  async function searchTraces(
    projectId: string,
    { pageSize, pageToken, ...asked }: TracesAsked & { pageSize: number; pageToken?: string | undefined },
  ): Promise<{ items: TraceSummary[]; nextToken?: string }> {
    const { name, minDurationMs, maxDurationMs, match } = asked;
    const question = await questionOf(deps, { kind: "project", projectId }, asked);
    const attributes = parseAttributes(asked.attributes);
    // As words they spare the reading of most spans. A value with a quote may stand there in another form.
    const hints = [...attributes.map(({ value }) => value), name ?? ""].filter((hint) => !/["\\]/.test(hint));
    const words = [...question.words, ...hints.flatMap((hint) => parseWords(`"${hint}"`))];
    const span = { name, attributes, minDurationMs, maxDurationMs, match };
    const page = await search.lines({ ...question, kind: "span", words, span }, { pageSize, pageToken });
    const items = await summaries(projectId, page.items);
    return page.nextToken === undefined ? { items } : { items, nextToken: page.nextToken };
  }

  /** A trace once a page, by its newest span that matched. */
  async function summaries(
    projectId: string,
    lines: readonly Parameters<typeof spanOfLine>[0][],
  ): Promise<TraceSummary[]> {
    const spans = lines.map(spanOfLine);
    const firsts = spans.filter(
      (span, at) => spans.findIndex(({ traceId }) => traceId === span.traceId) === at,
    );
    const sums = await sumsOfTraces(
      db.reader,
      projectId,
      firsts.map(({ traceId }) => traceId),
    );
    return firsts.map(({ traceId, spanId, name, startMs, durationMs, status, labels }) => {
      const { spans: count = 1, errors = 0 } = sums.find((sum) => sum.traceId === traceId) ?? {};
      return { traceId, spanId, name, startMs, durationMs, status, labels, spans: count, errors };
    });
  }

  async function trace(projectId: string, traceId: string): Promise<Trace> {
    const key = await keys(projectId);
    const places = await rowsOfTrace(db.reader, { projectId, traceId }, ROWS_MAX);
    if (key === undefined || places.length === 0) throw nothing(traceId);
    const wanted = {
      fromMs: 0,
      toMs: Number.MAX_SAFE_INTEGER,
      labels: [],
      words: [traceId],
      span: { traceId, attributes: [], match: "any" as const },
    };
    const opened = new Set<string>();
    const found: FoundLine[] = [];
    for (const place of places) {
      const row = await queries.logHolding(db.reader, place, "head and body");
      // Retention may have been faster; then the row that holds the line is another one.
      if (row === undefined || row.first_line + row.lines <= place.first_line) continue;
      const name = `${row.stream} ${row.first_line}`;
      if (opened.has(name)) continue;
      opened.add(name);
      const lines = { from: row.first_line, to: row.first_line + row.lines };
      found.push(...(await scanner.lines(sealed(key, row), { ...wanted, lines }, SPANS_MAX + 1)));
      if (found.length > SPANS_MAX) break;
    }
    if (found.length === 0) throw nothing(traceId);
    const cut = found.length > SPANS_MAX || places.length === ROWS_MAX;
    return { traceId, spans: treeOf(found.slice(0, SPANS_MAX).map(spanOfLine)), cut };
  }
}

function nothing(traceId: string): AppError {
  return new AppError("not_found", `No span of trace ${traceId} is stored in this project.`);
}
