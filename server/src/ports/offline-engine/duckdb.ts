import { availableParallelism, totalmem } from "node:os";
import { AppError } from "#lib/errors";
import type { DuckdbQuestion } from "./duckdb.worker.ts";
import { type DuckdbProcess, startDuckdbProcess } from "./duckdb-process.ts";
import { createMemoryFiles, type HeldFile, type ScratchFile } from "./memory-files.ts";
import type { OfflineEngine, OfflineLimits, OfflineWork } from "./offline-engine.ts";
import { createTurns } from "./turns.ts";

const MIB = 1024 * 1024;
const ROWS_MAX = 10_000; // Rows are for reading; whoever wants more exports.
const TIMEOUT_MS = 60_000;
const IDLE_MS = 60_000; // Then a child's memory, about 100 MiB, is given back until the next query.
const WAITING_MAX = 64; // Queries take seconds: who stands behind more than these is better told so.
const CHILDREN_MAX = 2; // Each query uses all cores that it is given; more at once only share them.
const THREADS_MAX = 8; // Beyond this scans of files in memory gain little.
const OWN_MEMORY_MIB = 256; // Node and DuckDB's code, before the first row.
const OVERSHOOT = 2; // Joins were measured to take up to 1.8 times what DuckDB's own limit allows.
const EXPORT_BYTES_MAX = 4 * 1024 * MIB;

export interface DuckdbOptions {
  childrenMax?: number | undefined;
  waitingMax?: number | undefined;
  idleMs?: number | undefined;
  /** For plain tables in memory, kept between queries. */
  tableBytesMax?: number | undefined;
  /** What a query may use that names no limit, and the most that one may name. */
  memoryMiB?: number | undefined;
}

/** The engine, with what its tests look at. */
export interface DuckdbEngine extends OfflineEngine {
  /** Process ids of the children that live. */
  children(): number[];
  tableBytes(): number;
}

/**
 * DuckDB in child processes: started on demand, ended when idle, killed when a query goes beyond its bounds. Tables lie
 * in this process's memory files, so that a child which dies takes nothing with it and the next one finds them loaded.
 */
export function openDuckdb(options: DuckdbOptions = {}): DuckdbEngine {
  const memoryMiB = options.memoryMiB ?? Math.max(512, Math.min(4096, Math.floor(totalmem() / MIB / 4)));
  const files = createMemoryFiles(options.tableBytesMax ?? Math.floor(totalmem() / 4));
  const turns = createTurns(options.childrenMax ?? CHILDREN_MAX, options.waitingMax ?? WAITING_MAX);
  const idle: { child: DuckdbProcess; timer: NodeJS.Timeout }[] = [];
  const living = new Set<DuckdbProcess>();
  let stopped = false;

  function takeChild(): DuckdbProcess {
    for (;;) {
      const rested = idle.pop();
      if (rested === undefined) break;
      clearTimeout(rested.timer);
      if (rested.child.alive) return rested.child;
      living.delete(rested.child);
    }
    const child = startDuckdbProcess();
    living.add(child);
    return child;
  }

  function putChild(child: DuckdbProcess): void {
    if (!child.alive || stopped) {
      child.kill();
      living.delete(child);
      return;
    }
    child.rest();
    const entry = { child, timer: setTimeout(() => endIdle(entry), options.idleMs ?? IDLE_MS) };
    entry.timer.unref();
    idle.push(entry);
  }

  function endIdle(entry: (typeof idle)[number]): void {
    idle.splice(idle.indexOf(entry), 1);
    entry.child.kill();
    living.delete(entry.child);
  }

  async function run(work: OfflineWork, limits: OfflineLimits, output: ScratchFile | undefined) {
    if (stopped) throw stopping();
    return turns.take(work.signal, async () => {
      const held: HeldFile[] = [];
      try {
        const tables = await holdTables(work, held);
        if (stopped) throw stopping();
        const child = takeChild();
        try {
          const memory = Math.min(limits.memoryMiB ?? memoryMiB, memoryMiB);
          const question = questionOf(work, { ...limits, memoryMiB: memory }, output);
          return await child.ask(
            { ...question, tables },
            {
              timeoutMs: limits.timeoutMs ?? TIMEOUT_MS,
              memoryBytesMax: (memory * OVERSHOOT + OWN_MEMORY_MIB) * MIB,
              signal: work.signal,
              check: () => checkOutput(output),
            },
          );
        } finally {
          putChild(child);
        }
      } finally {
        for (const file of held) file.release();
      }
    });
  }

  async function holdTables(work: OfflineWork, held: HeldFile[]): Promise<DuckdbQuestion["tables"]> {
    const tables: DuckdbQuestion["tables"][number][] = [];
    for (const [name, { format, files: parts }] of Object.entries(work.tables)) {
      const paths: string[] = [];
      for (const part of parts) {
        if (work.signal?.aborted) throw new AppError("unavailable", "The query was given up by its caller.");
        const file = await files.hold(part);
        held.push(file);
        paths.push(file.path);
      }
      tables.push({ name, format, paths });
    }
    return tables;
  }

  return {
    query: async (work, limits = {}) => {
      const answer = await run(work, limits, undefined);
      if (!("rows" in answer)) throw new Error("Broken assumption: a query answers rows");
      return { columns: answer.columns, rows: answer.rows };
    },
    export: async (work, limits = {}) => {
      const output = files.scratch();
      try {
        const answer = await run(work, limits, output);
        if (!("rowCount" in answer)) throw new Error("Broken assumption: an export answers a count");
        return { columns: answer.columns, rowCount: answer.rowCount, bytes: output.read() };
      } catch (thrown) {
        output.discard();
        throw thrown;
      }
    },
    stop: async () => {
      stopped = true;
      for (const { timer } of idle.splice(0)) clearTimeout(timer);
      for (const child of living) child.kill();
      living.clear();
      await turns.ended();
      files.close();
    },
    children: () => [...living].filter((child) => child.alive).map((child) => child.pid),
    tableBytes: files.bytes,
  };
}

function questionOf(
  work: OfflineWork,
  limits: OfflineLimits & { memoryMiB: number },
  output: ScratchFile | undefined,
): Omit<DuckdbQuestion, "id" | "tables"> {
  return {
    sql: work.sql,
    parameters: work.parameters ?? [],
    rowsMax: limits.rowsMax ?? ROWS_MAX,
    memoryMiB: limits.memoryMiB,
    threads: Math.min(availableParallelism(), THREADS_MAX),
    exportTo: output?.path,
  };
}

function checkOutput(output: ScratchFile | undefined): void {
  if (output === undefined || output.sizeBytes() <= EXPORT_BYTES_MAX) return;
  throw new AppError("exhausted", `The result is larger than ${EXPORT_BYTES_MAX} bytes; ask for less.`, {
    reason: "size",
  });
}

function stopping(): AppError {
  return new AppError("unavailable", "The server is stopping.", { retryAfterSeconds: 5 });
}
