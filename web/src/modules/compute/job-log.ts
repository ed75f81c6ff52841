import { useEffect, useState } from "react";
import { ApiError } from "../../lib/api.ts";
import { readJobLog } from "./compute-api.ts";

// What a person can still scroll through; the whole log is a download away.
const KEPT_CHARACTERS = 1_000_000;
// One request waits for more as long as the server lets it, so that following costs three requests a minute.
const WAIT_MS = 20_000;
const RETRY_MS = 3000;

export interface FollowedLog {
  text: string;
  /** `following` while more may come. */
  state: "loading" | "following" | "complete";
  error?: Error;
  /** The beginning was dropped, as it is too long to show. */
  cut?: true;
}

/** What an attempt printed, and goes on to print, while the component is on screen. */
export function useJobLog(project: string, job: string, attempt: number | undefined): FollowedLog {
  const [log, setLog] = useState<FollowedLog>({ text: "", state: "loading" });
  useEffect(() => {
    setLog({ text: "", state: "loading" });
    const stop = new AbortController();
    void follow({ project, job, attempt, signal: stop.signal, show: setLog });
    return () => stop.abort();
  }, [project, job, attempt]);
  return log;
}

async function follow(options: {
  project: string;
  job: string;
  attempt: number | undefined;
  signal: AbortSignal;
  show: (log: FollowedLog) => void;
}): Promise<void> {
  const { project, job, signal, show } = options;
  let { attempt } = options;
  let from = 0;
  let waitMs = 0;
  let log: FollowedLog = { text: "", state: "following" };
  while (!signal.aborted) {
    const askedAt = Date.now();
    const query = { from, waitMs, ...(attempt === undefined ? {} : { attempt }) };
    try {
      const piece = await readJobLog({ project, params: { job }, query }, signal);
      // A new attempt starts its own log; who follows the newest begins again with it.
      if (attempt === undefined && piece.attempt > 0) attempt = piece.attempt;
      // A job that has not begun has nothing to wait at; its answers must not become a busy loop.
      const idle = piece.next === from && waitMs > 0 && Date.now() - askedAt < RETRY_MS;
      from = piece.next;
      waitMs = WAIT_MS;
      log = appended(log, piece.text, piece.complete ? "complete" : "following");
      show(log);
      if (piece.complete) return;
      if (idle) await pause(RETRY_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      const last = error instanceof ApiError && error.status >= 400 && error.status < 500;
      show({ ...log, state: last ? "complete" : "following", error: error as Error });
      if (last) return;
      await pause(RETRY_MS, signal);
    }
  }
}

/** The log with a piece more; of one that is too long the beginning goes, up to a line's end. */
function appended(log: FollowedLog, piece: string, state: FollowedLog["state"]): FollowedLog {
  const text = log.text + piece;
  if (text.length <= KEPT_CHARACTERS) return { text, state, ...(log.cut ? { cut: true } : {}) };
  const from = text.indexOf("\n", text.length - KEPT_CHARACTERS) + 1;
  return { text: text.slice(from || text.length - KEPT_CHARACTERS), state, cut: true };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
