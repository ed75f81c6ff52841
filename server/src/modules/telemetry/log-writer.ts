import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { isUniqueViolation } from "#ports/database";
import type { TelemetryDeps } from "./deps.ts";
import type { LogEntry } from "./door.ts";
import { type Block, makeBlock, type PreparedLine } from "./log-block.ts";
import { prepare } from "./log-entry.ts";
import type { LogKeys } from "./log-keys.ts";
import { rowOf } from "./log-rows.ts";
import * as queries from "./queries.ts";
import { type SpanFacts, traceRows } from "./span-facts.ts";
import type { LogFacts, LogKind, LogRow, TraceRow } from "./tables.ts";
import { addTraces, removeTraces } from "./trace-queries.ts";

const FLUSH_MS = 1000; // What a killed process may lose of its log.
export const BLOCK_LINES_MAX = 4000; // With the bytes below, a block opens in a few milliseconds.
export const BLOCK_BYTES_MAX = 512 * 1024;
const QUEUE_BYTES_MAX = 16 * 1024 * 1024; // Rides out a database that is away for some seconds of a busy log.
const LINE_OVERHEAD_BYTES = 120; // What a waiting line costs beside its text.
const TRIES_MAX = 5; // Of a row that fails for a reason nobody foresaw; it must not hold the queue for ever.
const REFUSED_MAX = 3; // A disk with little room may take a smaller row; a database that is away takes none of thousands.
const ROOM_ROWS_MAX = 200; // Oldest rows given up at once for a new one.

/** What became of the lines that one caller waits for. */
interface Receipt {
  stored: number;
  lost: number;
}

/** Takes lines and spans into a bounded queue and stores them in sealed blocks. */
export interface LogWriter {
  write(entries: readonly LogEntry[]): void;
  /**
   * Stores lines before it resolves; tells how many can never be stored.
   * @throws AppError `unavailable` when some still wait: the caller may try again, and some may then stand twice
   */
  keep(lines: readonly KeptLine[]): Promise<{ lost: number }>;
  readonly dropped: number;
  /** True for streams of this process. */
  owns(stream: string): boolean;
  /** Resolves when everything taken so far is stored or given up. */
  flush(): Promise<void>;
}

/** A line whose writer waits, and for a span what its trace's index says. */
export interface KeptLine {
  entry: LogEntry;
  span?: SpanFacts;
}

type WaitingLine = PreparedLine & { receipt?: Receipt; span?: SpanFacts };

/** Lines of one kind and project that wait. */
interface Queue {
  kind: LogKind;
  projectId: string;
  stream: string;
  nextLine: number;
  lines: WaitingLine[];
}

/** A sealed block on its way to the database, with the lines as listeners see them. */
interface Pending {
  row: LogRow;
  block: Block;
  traces: readonly TraceRow[];
  receipts: readonly Receipt[];
  queuedBytes: number;
  tries: number;
}

export function createLogWriter(
  deps: TelemetryDeps,
  keys: LogKeys,
  onStored: (projectId: string, firstLine: number, block: Block & { stream: string }) => void,
): LogWriter {
  const { db, clock, metrics, projects } = deps;
  const queues = new Map<string, Queue>();
  const streams = new Set<string>();
  let pending: Pending[] = [];
  let queuedBytes = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  const stored = metrics.counter({
    name: "telemetry_log_lines_total",
    help: "Log lines and spans stored.",
    labels: ["kind"],
  });
  const lost = metrics.counter({
    name: "telemetry_log_lines_dropped_total",
    help: "Log lines lost before they were stored.",
    labels: ["reason"],
  });
  const waiting = metrics.gauge({ name: "telemetry_queue_bytes", help: "Log lines that wait for storing." });
  metrics.onCollect(() => waiting.set(queuedBytes));

  return {
    write: (entries) => take(entries.map((entry) => ({ entry }))),
    keep,
    get dropped() {
      return dropped;
    },
    owns: (stream) => streams.has(stream),
    flush: async () => {
      await flushing;
      await flush();
    },
  };

  async function keep(lines: readonly KeptLine[]): Promise<{ lost: number }> {
    if (lines.length > 0 && queuedBytes >= QUEUE_BYTES_MAX) throw waits();
    const receipt = { stored: 0, lost: 0 };
    take(lines, receipt);
    // A round that has begun may not hold them; the one after it does.
    await flushing;
    await flush();
    if (receipt.stored + receipt.lost < lines.length) throw waits();
    return { lost: receipt.lost };
  }

  function take(lines: readonly KeptLine[], receipt?: Receipt): void {
    const nowMs = clock.now();
    for (const { entry, span } of lines) {
      // Who waits has been let in whole.
      if (receipt === undefined && queuedBytes >= QUEUE_BYTES_MAX) {
        drop(1, "queue full");
        continue;
      }
      const line = prepared(entry, nowMs);
      if (line === undefined) {
        drop(1, "unreadable");
        if (receipt !== undefined) receipt.lost += 1;
        continue;
      }
      queuedBytes += sizeOf(line);
      const waiting: WaitingLine = line;
      if (receipt !== undefined) waiting.receipt = receipt;
      if (span !== undefined) waiting.span = span;
      queueOf(span === undefined ? "log" : "span", entry.projectId ?? "").lines.push(waiting);
    }
    flushSoon();
    if (queuedBytes >= BLOCK_BYTES_MAX && flushing === undefined) void flush();
  }

  function queueOf(kind: LogKind, projectId: string): Queue {
    const name = `${kind} ${projectId}`;
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue: Queue = { kind, projectId, stream: newId(), nextLine: 0, lines: [] };
    streams.add(queue.stream);
    queues.set(name, queue);
    return queue;
  }

  function flush(): Promise<void> {
    flushing ??= flushOnce().finally(() => {
      flushing = undefined;
    });
    return flushing;
  }

  /** Never throws: what cannot be stored now waits for the next round, what never can be is counted. */
  async function flushOnce(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    for (const queue of queues.values()) if (queue.lines.length > 0) await sealQueue(queue);
    const rows = pending;
    pending = [];
    for (const [at, one] of rows.entries()) {
      if (pending.length >= REFUSED_MAX) {
        pending.push(...rows.slice(at));
        break;
      }
      one.tries += 1;
      const fate = await store(one).catch((thrown: unknown) => fateOf(thrown, one.tries));
      if (fate === "later") {
        pending.push(one);
        continue;
      }
      queuedBytes -= one.queuedBytes;
      if (fate === "stored") {
        stored.add(one.row.lines, one.row.kind);
        for (const receipt of one.receipts) receipt.stored += 1;
        if (one.row.kind === "log")
          onStored(one.row.project_id, one.row.first_line, { ...one.block, stream: one.row.stream });
      } else {
        for (const receipt of one.receipts) receipt.lost += 1;
        drop(one.row.lines, fate);
      }
    }
    flushSoon();
  }

  function flushSoon(): void {
    if (timer !== undefined || queuedBytes === 0) return;
    timer = setTimeout(() => void flush(), FLUSH_MS);
    timer.unref();
  }

  async function sealQueue(queue: Queue): Promise<void> {
    const { kind, projectId } = queue;
    const lines = queue.lines;
    queue.lines = [];
    let key: Buffer | undefined;
    try {
      key = await keys(projectId);
    } catch {
      queue.lines = [...lines, ...queue.lines]; // The database or the key's keeper is away.
      return;
    }
    for (const part of parts(lines)) {
      const bytes = part.reduce((sum, line) => sum + sizeOf(line), 0);
      if (key === undefined) {
        queuedBytes -= bytes;
        for (const { receipt } of part) if (receipt !== undefined) receipt.lost += 1;
        drop(part.length, "no such project");
        continue;
      }
      const block = makeBlock(part);
      const place = {
        kind,
        stream: queue.stream,
        firstLine: queue.nextLine,
        projectId,
        storedMs: clock.now(),
      };
      queue.nextLine += part.length;
      pending.push({
        row: await rowOf(key, block, place),
        block,
        traces: traceRows(part, place),
        receipts: part.flatMap(({ receipt }) => receipt ?? []),
        queuedBytes: bytes,
        tries: 0,
      });
    }
  }

  async function store({ row, traces }: Pending): Promise<"stored"> {
    await db.transaction(async (tx) => {
      await queries.addLogs(tx, row);
      await addTraces(tx, traces);
      if (row.project_id === "") return;
      try {
        await projects.checkQuota(tx, row.project_id, "telemetryBytes", row.size_bytes);
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== "exhausted") throw thrown;
        // The newest lines matter most: a full project forgets its oldest.
        const old = await queries.oldestLogs(tx, row.project_id, { limit: ROOM_ROWS_MAX });
        const given = giveUp(old, row);
        await queries.removeLogs(tx, given);
        await removeTraces(tx, given);
        await projects.checkQuota(tx, row.project_id, "telemetryBytes", row.size_bytes - bytesOf(given));
      }
    });
    return "stored";
  }

  function drop(count: number, reason: string): void {
    dropped += count;
    lost.add(count, reason);
  }
}

function waits(): AppError {
  return new AppError("unavailable", "The store of telemetry takes no more at the moment; send it again.", {
    retryAfterSeconds: 2,
  });
}

type Fate = "stored" | "later" | "over quota" | "refused";

function fateOf(thrown: unknown, tries: number): Fate {
  if (isUniqueViolation(thrown)) return "stored"; // An earlier try was committed though its answer was lost.
  if (thrown instanceof AppError && thrown.code === "exhausted") return "over quota";
  if (thrown instanceof AppError && thrown.code === "unavailable") return "later";
  return tries < TRIES_MAX ? "later" : "refused";
}

/** Fields that are no JSON, such as circles, must not throw at whoever logs. */
function prepared(entry: LogEntry, nowMs: number): PreparedLine | undefined {
  try {
    return prepare(entry, nowMs);
  } catch {
    return undefined;
  }
}

/** The oldest rows that together make room for a new one. */
function giveUp(old: readonly LogFacts[], row: LogRow): LogFacts[] {
  const given: LogFacts[] = [];
  let room = 0;
  for (const one of old) {
    if (room >= row.size_bytes) break;
    if (one.stream === row.stream && one.first_line === row.first_line) continue;
    given.push(one);
    room += one.size_bytes;
  }
  return given;
}

function bytesOf(rows: readonly { size_bytes: number }[]): number {
  return rows.reduce((sum, row) => sum + row.size_bytes, 0);
}

function sizeOf(line: PreparedLine): number {
  return line.text.length + LINE_OVERHEAD_BYTES;
}

/** Cuts lines into blocks. */
function* parts(lines: readonly WaitingLine[]): Generator<WaitingLine[]> {
  let part: WaitingLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (part.length === BLOCK_LINES_MAX || (part.length > 0 && bytes + line.text.length > BLOCK_BYTES_MAX)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(line);
    bytes += line.text.length;
  }
  if (part.length > 0) yield part;
}
