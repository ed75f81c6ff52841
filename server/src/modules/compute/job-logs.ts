import { buffer } from "node:stream/consumers";
import type { JobLog } from "@atrium/contract/compute";
import { AppError } from "#lib/errors";
import type { Bell } from "./bell.ts";
import type { ComputeDeps } from "./deps.ts";
import type { LogAsked } from "./door.ts";
import { isFinal } from "./job.ts";
import * as queries from "./queries.ts";
import { actorFor, submitter } from "./spec.ts";
import type { JobRow } from "./tables.ts";

const PIECE_BYTES_MAX = 1024 * 1024;
const LOOK_EVERY_MS = 1000; // Another process's job tells this one nothing; its end is seen by looking.

/** Where an attempt's words lie among the project's files once it has ended. */
export function logPath(jobId: string, attempt: number): string {
  return `jobs/${jobId}/${attempt}/log.txt`;
}

export interface JobLogs {
  read(job: JobRow, asked: LogAsked): Promise<JobLog>;
  /** While an attempt runs here: where its words are, and what must not be seen of them. */
  live(key: string, words: LiveWords | undefined): void;
  /** More was printed. */
  ring(): void;
}

interface LiveWords {
  executorId: string;
  hide(text: string): string;
}

export function createJobLogs(
  { db, artifacts, executor }: Pick<ComputeDeps, "db" | "artifacts" | "executor">,
  printed: Bell,
): JobLogs {
  const running = new Map<string, LiveWords>();
  return {
    read,
    live(key, words) {
      if (words === undefined) running.delete(key);
      else running.set(key, words);
      printed.ring();
    },
    ring: printed.ring,
  };

  async function read(job: JobRow, asked: LogAsked): Promise<JobLog> {
    const number = asked.attempt ?? Math.max(job.attempt, 1);
    if (asked.attempt !== undefined && asked.attempt > job.attempt) {
      throw new AppError("not_found", `The job has made ${job.attempt} attempts.`, { at: "attempt" });
    }
    const deadline = performance.now() + asked.waitMs;
    for (;;) {
      const piece = await now(job.id, number, asked.from);
      const leftMs = deadline - performance.now();
      if (piece.text !== "" || piece.complete || leftMs <= 0) return piece;
      await printed.wait(Math.min(leftMs, LOOK_EVERY_MS));
    }
  }

  async function now(jobId: string, attempt: number, from: number): Promise<JobLog> {
    // First what runs: an attempt that ends between the two questions is found by the second.
    const words = running.get(`${jobId}/${attempt}`);
    if (words !== undefined) {
      const raw = wholeLines(await executor.output(words.executorId, from, PIECE_BYTES_MAX));
      return { text: words.hide(raw.toString()), attempt, next: from + raw.length, complete: false };
    }
    const row = await queries.attemptOf(db.reader, jobId, attempt);
    const job = await queries.jobById(db.reader, jobId);
    if (row === undefined || job === undefined || row.ended_ms === null) {
      return { text: "", attempt, next: from, complete: job !== undefined && isFinal(job.state) };
    }
    return stored(job, attempt, from);
  }

  async function stored(job: JobRow, attempt: number, from: number): Promise<JobLog> {
    const at = { projectId: job.project_id, path: logPath(job.id, attempt) };
    const actor = actorFor(submitter.parse({ kind: "system", id: "system", name: "Atrium" }), job);
    const file = await artifacts.stat(actor, at).catch(noneOf);
    if (file === undefined || from >= file.sizeBytes)
      return { text: "", attempt, next: from, complete: true };
    const end = Math.min(from + PIECE_BYTES_MAX, file.sizeBytes) - 1;
    const { bytes } = await artifacts.get(actor, at, { start: from, end });
    const all = await buffer(bytes);
    const complete = end + 1 === file.sizeBytes;
    const raw = complete ? all : wholeLines(all);
    return { text: raw.toString(), attempt, next: from + raw.length, complete };
  }
}

/** Up to the last end of line, so that neither a character nor a secret is cut; a line without end is taken as it is. */
function wholeLines(piece: Buffer): Buffer {
  const end = piece.lastIndexOf(10) + 1;
  return end === 0 && piece.length === PIECE_BYTES_MAX ? piece : piece.subarray(0, end);
}

function noneOf(thrown: unknown): undefined {
  if (thrown instanceof AppError && thrown.code === "not_found") return undefined;
  throw thrown;
}
