import type { LogLevel, LogLine } from "@atrium/contract/telemetry";
import { AppError } from "#lib/errors";
import type { TelemetryDeps } from "./deps.ts";
import type { LogHistogram } from "./door.ts";
import { LEVELS } from "./log-block.ts";
import type { LogKeys } from "./log-keys.ts";
import {
  beforeAllOf,
  compareNewestFirst,
  decodePosition,
  encodePosition,
  type LinePosition,
  limitIn,
  lineId,
} from "./log-position.ts";
import type { LogQuestion } from "./log-range.ts";
import type { FoundLine, Wanted } from "./log-scan.ts";
import type { Scanner, SealedBlock } from "./log-scanner.ts";
import * as queries from "./queries.ts";
import { logContext } from "./seals.ts";
import type { LogFacts } from "./tables.ts";

const ROWS_A_STEP = 500; // About 100 KiB of facts from the long reader at a time.
const SCAN_BYTES_MAX = 512 * 1024 * 1024; // Of text a request: one to two seconds of the scanning thread.
const HEAD_SHARE = 16; // A head costs about so much less than its body to open.
const VALUES_MAX = 1000;

/** Reads the log. Memory holds one block, one page of lines and one step of facts at a time. */
export interface LogSearch {
  lines(
    question: LogQuestion,
    page: { pageSize: number; pageToken?: string | undefined },
  ): Promise<{ items: LogLine[]; nextToken?: string }>;
  histogram(question: LogQuestion, buckets: number): Promise<LogHistogram>;
  labelValues(question: LogQuestion, label: string): Promise<string[]>;
}

type Positioned = LinePosition & { found: FoundLine; projectId: string };

export function createLogSearch(
  { db, projects }: Pick<TelemetryDeps, "db" | "projects">,
  keys: LogKeys,
  scanner: Scanner,
): LogSearch {
  return { lines, histogram, labelValues };

  async function lines(
    question: LogQuestion,
    { pageSize, pageToken }: { pageSize: number; pageToken?: string | undefined },
  ): Promise<{ items: LogLine[]; nextToken?: string }> {
    const position = pageToken === undefined ? undefined : decodePosition(pageToken);
    const from = position?.atMs ?? question.toMs;
    const budget = createBudget();
    let found: Positioned[] = [];
    let endedAt: number | undefined;
    for await (const row of candidates(question, position)) {
      const last = found[pageSize];
      if (last !== undefined && row.to_ms < last.atMs) break;
      // Everything newer than this row has been seen; the page may end here and the next go on.
      if (budget.isSpent() && row.to_ms < from) {
        endedAt = row.to_ms;
        break;
      }
      const wanted = wantedIn(row, question, position);
      const more = await scanRow(row, { wanted, budget, needs: "body" }, (block) =>
        scanner.lines(block, wanted, pageSize + 1),
      );
      if (more === undefined) continue;
      const placed = more.map((line) => ({
        atMs: line.atMs,
        stream: row.stream,
        line: line.line,
        found: line,
        projectId: row.project_id,
      }));
      found = [...found, ...placed].sort(compareNewestFirst).slice(0, pageSize + 1);
    }
    if (endedAt !== undefined) {
      const cutMs = endedAt;
      found = found.filter(({ atMs }) => atMs > cutMs);
    }
    const items = await Promise.all(found.slice(0, pageSize).map(lineOf));
    const lastShown = found[pageSize - 1];
    if (found.length > pageSize && lastShown !== undefined)
      return { items, nextToken: encodePosition(lastShown) };
    return endedAt === undefined ? { items } : { items, nextToken: encodePosition(beforeAllOf(endedAt)) };
  }

  async function histogram(question: LogQuestion, bucketCount: number): Promise<LogHistogram> {
    const { fromMs, toMs } = question;
    const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / bucketCount));
    const buckets = Math.ceil((toMs - fromMs) / stepMs);
    const counts: number[] = Array(buckets * LEVELS.length).fill(0);
    const budget = createBudget();
    for await (const row of candidates(question)) {
      const bucket = Math.floor((row.from_ms - fromMs) / stepMs);
      const inOne = bucket >= 0 && row.to_ms < toMs && Math.floor((row.to_ms - fromMs) / stepMs) === bucket;
      if (inOne && question.labels.length === 0 && question.words.length === 0) {
        const known = [row.debug_lines, row.info_lines, row.warn_lines, row.error_lines];
        for (const [level, count] of known.entries()) addTo(counts, bucket * LEVELS.length + level, count);
        continue;
      }
      if (budget.isSpent())
        throw new AppError("invalid", "There are too many lines to count; choose a shorter time range.", {
          at: "query.fromMs",
          reason: "too_many",
        });
      const wanted = wantedIn(row, question);
      const needs = question.words.length === 0 ? "head" : "body";
      const more = await scanRow(row, { wanted, budget, needs }, (block) =>
        scanner.counts(block, wanted, { fromMs, stepMs, buckets }),
      );
      for (const [slot, count] of (more ?? []).entries()) addTo(counts, slot, count);
    }
    return { stepMs, buckets: Array.from({ length: buckets }, (_, index) => bucketOf(index)) };

    function bucketOf(index: number): LogHistogram["buckets"][number] {
      const inBucket: Partial<Record<LogLevel, number>> = {};
      for (const [level, name] of LEVELS.entries()) {
        const count = counts[index * LEVELS.length + level] ?? 0;
        if (count > 0) inBucket[name] = count;
      }
      return { atMs: fromMs + index * stepMs, counts: inBucket };
    }
  }

  async function labelValues(question: LogQuestion, label: string): Promise<string[]> {
    const values = new Set<string>();
    const budget = createBudget();
    for await (const row of candidates(question)) {
      if (values.size >= VALUES_MAX || budget.isSpent()) break;
      if (label === "project" && question.labels.length === 0 && question.words.length === 0) {
        if (row.project_id !== "") values.add(await projectName(row.project_id));
        continue;
      }
      const wanted = wantedIn(row, question);
      const needs = question.words.length === 0 ? "head" : "body";
      // Any line of the row tells that its project has one; the level is the label that every line has.
      const asked = label === "project" ? "level" : label;
      const found = await scanRow(row, { wanted, budget, needs }, (block) =>
        scanner.values(block, wanted, asked),
      );
      if (label !== "project") for (const value of found ?? []) values.add(value);
      else if (row.project_id !== "" && (found ?? []).length > 0)
        values.add(await projectName(row.project_id));
    }
    return [...values].slice(0, VALUES_MAX).sort();
  }

  /** Rows that may hold matching lines, by their newest line, newest first. */
  async function* candidates(question: LogQuestion, position?: LinePosition): AsyncGenerator<LogFacts> {
    const { kind, projectIds, fromMs } = question;
    if (projectIds?.length === 0) return;
    const toMs = Math.min(question.toMs, position === undefined ? question.toMs : position.atMs + 1);
    let after: queries.RowPlace | undefined;
    for (;;) {
      const asked = { kind, projectIds, fromMs, toMs, after, limit: ROWS_A_STEP };
      const rows = await queries.logsWithin(db.longReader, asked);
      yield* rows;
      after = rows.at(-1);
      if (rows.length < ROWS_A_STEP) return;
    }
  }

  /** Opens the head first: most rows of a narrow search are passed over without touching their texts. */
  async function scanRow<T>(
    row: LogFacts,
    how: { wanted: Wanted; budget: Budget; needs: "head" | "body" },
    scan: (block: SealedBlock) => Promise<T>,
  ): Promise<T | undefined> {
    const key = await keys(row.project_id);
    if (key === undefined) return undefined;
    const selective = how.wanted.labels.length > 0;
    if (how.needs === "head" || selective) {
      how.budget.spend(row.text_bytes / HEAD_SHARE);
      const now = await queries.logHolding(db.reader, row, "head");
      if (now === undefined) return undefined; // Retention was faster.
      if (how.needs === "head") return scan(sealed(key, now));
      if ((await scanner.match(sealed(key, now), how.wanted)) === 0) return undefined;
    }
    how.budget.spend(row.text_bytes);
    const now = await queries.logHolding(db.reader, row, "head and body");
    return now === undefined ? undefined : scan(sealed(key, now));
  }

  async function lineOf({ found, projectId, ...position }: Positioned): Promise<LogLine> {
    const { atMs, level, message, fields } = found;
    const labels =
      projectId === "" ? found.labels : { project: await projectName(projectId), ...found.labels };
    return { id: lineId(position), atMs, level, message, labels, fields };
  }

  async function projectName(projectId: string): Promise<string> {
    return (await projects.byId(projectId))?.slug ?? projectId;
  }
}

function wantedIn(
  row: Pick<LogFacts, "stream" | "first_line" | "lines">,
  { fromMs, toMs, labels, words, span }: LogQuestion,
  position?: LinePosition,
): Wanted {
  return {
    fromMs,
    toMs,
    lines: { from: row.first_line, to: row.first_line + row.lines },
    labels,
    words,
    ...(span === undefined ? {} : { span }),
    ...(position === undefined ? {} : { before: limitIn(row.stream, position) }),
  };
}

/** A row as the scanner takes it. */
export function sealed(key: Buffer, row: LogFacts & { head: Buffer; body?: Buffer }): SealedBlock {
  return {
    key,
    firstLine: row.first_line,
    fromMs: row.from_ms,
    head: row.head,
    headContext: logContext("head", row),
    ...(row.body === undefined ? {} : { body: row.body }),
    bodyContext: logContext("body", row),
  };
}

interface Budget {
  spend(bytes: number): void;
  isSpent(): boolean;
}

/** What one request may open, so that no question takes the scanning thread from everyone else. */
function createBudget(): Budget {
  let left = SCAN_BYTES_MAX;
  return {
    spend: (bytes) => {
      left -= bytes;
    },
    isSpent: () => left <= 0,
  };
}

function addTo(counts: number[], slot: number, more: number): void {
  counts[slot] = (counts[slot] ?? 0) + more;
}
