import { Worker } from "node:worker_threads";
import { AppError } from "#lib/errors";
import type { StatementResult } from "./database.ts";
import type { RunStatement } from "./kysely-over.ts";
import { checkParameters } from "./parameters.ts";
import type { SqliteLocation } from "./sqlite-connection.ts";
import type { Answer, Question } from "./sqlite-helper.worker.ts";

const PENDING_MAX = 256; // Scans waiting for the one worker; more than this is an overload worth refusing.

export interface SqliteHelper {
  run: RunStatement;
  /** Moves log pages into the main file and answers how many pages the log holds. */
  checkpoint(mode: "PASSIVE" | "TRUNCATE"): Promise<number>;
  copyTo(file: string): Promise<void>;
  close(): Promise<void>;
}

/** A worker thread with its own connections, for what would hold the event loop: scans, checkpoints, copies. */
export function openHelper(location: SqliteLocation): SqliteHelper {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>();
  let lastId = 0;
  let started: Worker | undefined;

  function start(): Worker {
    const worker = new Worker(new URL("./sqlite-helper.worker.ts", import.meta.url), {
      workerData: location,
    });
    worker.unref();
    worker.on("message", (answer: Answer) => {
      const waiter = pending.get(answer.id);
      pending.delete(answer.id);
      if (pending.size === 0) worker.unref();
      if ("error" in answer)
        waiter?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      else waiter?.resolve(answer.value);
    });
    worker.on("error", (cause) => {
      started = undefined; // The next question gets a fresh one.
      for (const waiter of pending.values()) {
        waiter.reject(
          new AppError("unavailable", "The reader of the database failed; try again.", { cause }),
        );
      }
      pending.clear();
    });
    return worker;
  }

  function ask(question: Omit<Question, "id">): Promise<unknown> {
    if (pending.size >= PENDING_MAX) {
      throw new AppError("unavailable", "Too many long reads are waiting; try again in a second.", {
        retryAfterSeconds: 1,
      });
    }
    started ??= start();
    const worker = started;
    lastId += 1;
    const id = lastId;
    worker.ref();
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      worker.postMessage({ ...question, id });
    });
  }

  return {
    run: async (sql, parameters) => {
      checkParameters(parameters); // Here, since a refusal for the caller would come back from a thread as any failure.
      const result = (await ask({ kind: "query", sql, parameters })) as StatementResult;
      return { ...result, rows: result.rows.map(withBuffers) };
    },
    checkpoint: (mode) => ask({ kind: "checkpoint", mode }) as Promise<number>,
    copyTo: async (file) => {
      await ask({ kind: "copy", file });
    },
    close: async () => {
      if (started === undefined) return;
      await ask({ kind: "close" });
      await started?.terminate();
    },
  };
}

/** Between threads a Buffer becomes a plain Uint8Array; both readers promise Buffers. */
function withBuffers(row: unknown): unknown {
  const record = row as Record<string, unknown>;
  for (const [name, value] of Object.entries(record)) {
    if (value instanceof Uint8Array)
      record[name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return record;
}
