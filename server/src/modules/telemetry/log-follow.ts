import type { LogLine } from "@atrium/contract/telemetry";
import { AppError } from "#lib/errors";
import type { TelemetryDeps } from "./deps.ts";
import type { Block } from "./log-block.ts";
import type { LogKeys } from "./log-keys.ts";
import { lineId } from "./log-position.ts";
import type { LogQuestion } from "./log-range.ts";
import { blockOf } from "./log-rows.ts";
import { findLines } from "./log-scan.ts";
import * as queries from "./queries.ts";

const FOLLOWERS_MAX = 200; // Each looks at every new line; more people than this read a log in the store.
const LINES_AT_ONCE_MAX = 500; // Of one block and follower; nobody reads faster, and the store has the rest.
const POLL_MS = 1000;
const LATE_MS = 5000; // A row may become visible so much after the time at which it says it was stored.
const ROWS_A_POLL_MAX = 1000; // Keys only; the rows of one window are far fewer.

/** Hands new lines to those who follow them: this process's own as they are stored, others' by looking each second. */
export interface LogFollow {
  /** @throws AppError `unavailable` when too many follow */
  follow(question: LogQuestion, listener: (lines: readonly LogLine[]) => void): () => void;
  /** Lines that this process just stored. */
  publish(projectId: string, firstLine: number, block: Block & { stream: string }): void;
  stop(): void;
}

interface Follower {
  question: LogQuestion;
  listener: (lines: readonly LogLine[]) => void;
}

export function createLogFollow(
  { db, clock, projects, log }: Pick<TelemetryDeps, "db" | "clock" | "projects" | "log">,
  keys: LogKeys,
  owns: (stream: string) => boolean,
): LogFollow {
  const followers = new Set<Follower>();
  let seen = new Map<string, number>();
  let poll: NodeJS.Timeout | undefined;
  let polling = false;

  return {
    follow(question, listener) {
      if (followers.size >= FOLLOWERS_MAX)
        throw new AppError("unavailable", `${FOLLOWERS_MAX} people follow logs already; search instead.`, {
          retryAfterSeconds: 10,
        });
      const follower = { question, listener };
      followers.add(follower);
      startPolling();
      return () => {
        followers.delete(follower);
        if (followers.size === 0) stop();
      };
    },
    publish: (projectId, firstLine, block) => {
      publish(projectId, firstLine, block).catch(tellLog);
    },
    stop,
  };

  async function publish(
    projectId: string,
    firstLine: number,
    block: Block & { stream: string },
  ): Promise<void> {
    const slug =
      projectId === "" || followers.size === 0 ? undefined : (await projects.byId(projectId))?.slug;
    const opened = { firstLine, fromMs: block.fromMs, head: block.head, body: block.body };
    const lines = { from: firstLine, to: firstLine + block.head.times.length };
    for (const { question, listener } of followers) {
      const { labels, words, projectIds } = question;
      if (projectIds !== undefined && !projectIds.includes(projectId)) continue;
      const wanted = { fromMs: 0, toMs: Number.POSITIVE_INFINITY, lines, labels, words };
      const found = findLines(opened, wanted, LINES_AT_ONCE_MAX).reverse();
      if (found.length > 0)
        listener(
          found.map(({ line, ...rest }) => ({
            ...rest,
            id: lineId({ atMs: rest.atMs, stream: block.stream, line }),
            labels: slug === undefined ? rest.labels : { project: slug, ...rest.labels },
          })),
        );
      await new Promise(setImmediate); // Many followers of a busy log must not hold the loop.
    }
  }

  function startPolling(): void {
    if (poll !== undefined) return;
    const sinceMs = clock.now();
    seen = new Map();
    poll = setInterval(() => {
      if (polling) return;
      polling = true;
      lookForOthers(sinceMs)
        .catch(tellLog)
        .finally(() => {
          polling = false;
        });
    }, POLL_MS);
    poll.unref();
  }

  async function lookForOthers(beganMs: number): Promise<void> {
    const sinceMs = Math.max(beganMs, clock.now() - LATE_MS);
    for (const [name, atMs] of seen) if (atMs < sinceMs - LATE_MS) seen.delete(name);
    const rows = await queries.logsStoredSince(db.reader, sinceMs, ROWS_A_POLL_MAX);
    for (const key of rows) {
      const name = `${key.stream}.${key.first_line}`;
      if (owns(key.stream) || seen.has(name)) continue;
      seen.set(name, clock.now());
      const row = await queries.logHolding(db.reader, key, "head and body");
      const opener = row === undefined ? undefined : await keys(row.project_id);
      if (row?.body === undefined || opener === undefined) continue;
      const block = blockOf(opener, { ...row, body: row.body });
      await publish(row.project_id, row.first_line, { ...block, stream: row.stream });
    }
  }

  function tellLog(cause: unknown): void {
    log.warn("Some new log lines did not reach those who follow them.", { err: cause });
  }

  function stop(): void {
    clearInterval(poll);
    poll = undefined;
  }
}
