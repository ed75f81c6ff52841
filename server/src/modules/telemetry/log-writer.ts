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
import type { LogRow } from "./tables.ts";

const FLUSH_MS = 1000; // What a killed process may lose of its log.
export const BLOCK_LINES_MAX = 4000; // With the bytes below, a block opens in a few milliseconds.
export const BLOCK_BYTES_MAX = 512 * 1024;
const QUEUE_BYTES_MAX = 16 * 1024 * 1024; // Rides out a database that is away for some seconds of a busy log.
const LINE_OVERHEAD_BYTES = 120; // What a waiting line costs beside its text.
const TRIES_MAX = 5; // Of a row that fails for a reason nobody foresaw; it must not hold the queue for ever.
const ROOM_ROWS_MAX = 200; // Oldest rows given up at once for a new one.

/** Takes lines into a bounded queue and stores them in sealed blocks. */
export interface LogWriter {
  write(entries: readonly LogEntry[]): void;
  readonly dropped: number;
  /** True for streams of this process. */
  owns(stream: string): boolean;
  /** Resolves when everything taken so far is stored or given up. */
  flush(): Promise<void>;
}

/** Lines of one project that wait. */
interface Queue {
  stream: string;
  nextLine: number;
  lines: PreparedLine[];
}

/** A sealed block on its way to the database, with the lines as listeners see them. */
interface Pending {
  row: LogRow;
  block: Block;
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
  const stored = metrics.counter({ name: "telemetry_log_lines_total", help: "Log lines stored." });
  const lost = metrics.counter({
    name: "telemetry_log_lines_dropped_total",
    help: "Log lines lost before they were stored.",
    labels: ["reason"],
  });
  const waiting = metrics.gauge({ name: "telemetry_queue_bytes", help: "Log lines that wait for storing." });
  metrics.onCollect(() => waiting.set(queuedBytes));

  return {
    write,
    get dropped() {
      return dropped;
    },
    owns: (stream) => streams.has(stream),
    flush: async () => {
      await flushing;
      await flush();
    },
  };

  function write(entries: readonly LogEntry[]): void {
    const nowMs = clock.now();
    for (const entry of entries) {
      if (queuedBytes >= QUEUE_BYTES_MAX) {
        drop(1, "queue full");
        continue;
      }
      const line = prepared(entry, nowMs);
      if (line === undefined) {
        drop(1, "unreadable");
        continue;
      }
      queuedBytes += sizeOf(line);
      queueOf(entry.projectId ?? "").lines.push(line);
    }
    flushSoon();
    if (queuedBytes >= BLOCK_BYTES_MAX && flushing === undefined) void flush();
  }

  function queueOf(projectId: string): Queue {
    const known = queues.get(projectId);
    if (known !== undefined) return known;
    const queue: Queue = { stream: newId(), nextLine: 0, lines: [] };
    streams.add(queue.stream);
    queues.set(projectId, queue);
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
    for (const [projectId, queue] of queues) if (queue.lines.length > 0) await sealQueue(projectId, queue);
    const rows = pending;
    pending = [];
    for (const one of rows) {
      one.tries += 1;
      const fate = await store(one.row).catch((thrown: unknown) => fateOf(thrown, one.tries));
      if (fate === "later") {
        pending.push(one);
        continue;
      }
      queuedBytes -= one.queuedBytes;
      if (fate === "stored") {
        stored.add(one.row.lines);
        onStored(one.row.project_id, one.row.first_line, { ...one.block, stream: one.row.stream });
      } else drop(one.row.lines, fate);
    }
    flushSoon();
  }

  function flushSoon(): void {
    if (timer !== undefined || queuedBytes === 0) return;
    timer = setTimeout(() => void flush(), FLUSH_MS);
    timer.unref();
  }

  async function sealQueue(projectId: string, queue: Queue): Promise<void> {
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
        drop(part.length, "no such project");
        continue;
      }
      const block = makeBlock(part);
      const place = {
        stream: queue.stream,
        firstLine: queue.nextLine,
        projectId,
        storedMs: clock.now(),
      };
      queue.nextLine += part.length;
      pending.push({ row: await rowOf(key, block, place), block, queuedBytes: bytes, tries: 0 });
    }
  }

  async function store(row: LogRow): Promise<"stored"> {
    await db.transaction(async (tx) => {
      await queries.addLogs(tx, row);
      if (row.project_id === "") return;
      try {
        await projects.checkQuota(tx, row.project_id, "telemetryBytes", row.size_bytes);
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== "exhausted") throw thrown;
        // The newest lines matter most: a full project forgets its oldest.
        const old = await queries.oldestLogs(tx, row.project_id, { limit: ROOM_ROWS_MAX });
        const given = giveUp(old, row);
        await queries.removeLogs(tx, given);
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
function giveUp(old: readonly { size_bytes: number; stream: string; first_line: number }[], row: LogRow) {
  const given: (typeof old)[number][] = [];
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
function* parts(lines: readonly PreparedLine[]): Generator<PreparedLine[]> {
  let part: PreparedLine[] = [];
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
