import type { ProjectSettings } from "@atrium/contract/projects";
import { SYSTEM } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { TelemetryDeps } from "./deps.ts";
import { type Block, joinBlocks } from "./log-block.ts";
import type { LogKeys } from "./log-keys.ts";
import { blockOf, rowOf } from "./log-rows.ts";
import { BLOCK_BYTES_MAX, BLOCK_LINES_MAX } from "./log-writer.ts";
import * as queries from "./queries.ts";
import type { LogFacts } from "./tables.ts";
import { removeTraces } from "./trace-queries.ts";

const DAY_MS = 24 * 3600 * 1000;
export const KEPT_DAYS = 30; // Where neither project nor instance says otherwise: a month answers "since when".
const INSTANCE_BYTES_MAX = 1024 * 1024 * 1024; // Of the server's own lines, some five million: no quota bounds them.
const SETTLED_MS = 60_000; // Rows are left alone until those who follow other processes have read them.
const SMALL_BYTES = BLOCK_BYTES_MAX / 2; // A larger row gains little from being joined.
const TOGETHER_MIN = 8; // Fewer rows wait for more, so that no line is written again and again.
const JOINED_MAX = 200; // Their removal is one transaction of a few milliseconds.
const STEP_ROWS = 200;

/** Joins the small rows that a quiet log leaves each second, so that searches open few and large ones. */
export async function joinSmallLogs(deps: TelemetryDeps, keys: LogKeys, signal: AbortSignal): Promise<void> {
  let after = { stream: "", first_line: -1 };
  let run: LogFacts[] = [];
  while (!signal.aborted) {
    const rows = await queries.smallLogs(deps.db.longReader, {
      textBytesBelow: SMALL_BYTES,
      storedBeforeMs: deps.clock.now() - SETTLED_MS,
      after,
      limit: STEP_ROWS,
    });
    for (const row of rows) {
      if (follows(run, row) && fits(run, row)) {
        run.push(row);
        continue;
      }
      // What is full is joined at once; the youngest of a stream wait until they are many.
      if (follows(run, row) || run.length >= TOGETHER_MIN) await joinRun(deps, keys, run);
      if (signal.aborted) return;
      run = [row];
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < STEP_ROWS) break;
    after = last;
  }
  if (run.length >= TOGETHER_MIN && !signal.aborted) await joinRun(deps, keys, run);
}

function follows(run: readonly LogFacts[], row: LogFacts): boolean {
  const last = run.at(-1);
  return (
    last === undefined || (last.stream === row.stream && last.first_line + last.lines === row.first_line)
  );
}

function fits(run: readonly LogFacts[], row: LogFacts): boolean {
  const lines = run.reduce((sum, one) => sum + one.lines, row.lines);
  const bytes = run.reduce((sum, one) => sum + one.text_bytes, row.text_bytes);
  return run.length < JOINED_MAX && lines <= BLOCK_LINES_MAX && bytes <= BLOCK_BYTES_MAX;
}

async function joinRun(deps: TelemetryDeps, keys: LogKeys, run: readonly LogFacts[]): Promise<void> {
  const [first] = run;
  if (first === undefined || run.length < 2) return;
  const key = await keys(first.project_id);
  if (key === undefined) return;
  const blocks: Block[] = [];
  for (const facts of run) {
    const row = await queries.logHolding(deps.db.reader, facts, "head and body");
    if (row?.body === undefined || row.first_line !== facts.first_line || row.lines !== facts.lines) return;
    blocks.push(blockOf(key, { ...row, body: row.body }));
    await new Promise(setImmediate); // Opening a hundred rows takes longer than the loop may be held.
  }
  const joined = await rowOf(key, joinBlocks(blocks), {
    kind: first.kind,
    stream: first.stream,
    firstLine: first.first_line,
    projectId: first.project_id,
    storedMs: Math.max(...run.map((row) => row.stored_ms)),
  });
  const before = run.reduce((sum, row) => sum + row.size_bytes, 0);
  if (joined.size_bytes > before) return;
  await deps.db.transaction(async (tx) => {
    // Retention may have taken the oldest meanwhile; what it took must not come back.
    if ((await queries.removeLogs(tx, run)) !== run.length)
      throw new Error("Log rows went while they were joined.");
    await queries.addLogs(tx, joined);
    await giveBack(deps, tx, { projectId: first.project_id, bytes: before - joined.size_bytes });
  });
}

/** Forgets what is older, or more, than a project's settings keep, and what purged projects left behind. */
export async function forgetOldLogs(deps: TelemetryDeps, signal: AbortSignal): Promise<void> {
  const nowMs = deps.clock.now();
  const living = new Set((await deps.projects.all()).map((ref) => ref.id));
  for (const projectId of await queries.projectsWithLogs(deps.db.longReader)) {
    if (signal.aborted) return;
    if (projectId !== "" && !living.has(projectId)) {
      await removeOldest(deps, projectId, { signal });
      continue;
    }
    const kept: ProjectSettings =
      projectId === ""
        ? { telemetryBytesMax: INSTANCE_BYTES_MAX }
        : (await deps.projects.get(SYSTEM, projectId)).settings;
    const endedBeforeMs = nowMs - (kept.telemetryDays ?? KEPT_DAYS) * DAY_MS;
    await removeOldest(deps, projectId, { endedBeforeMs, signal });
    if (kept.telemetryBytesMax === undefined) continue;
    const surplus = (await queries.logBytes(deps.db.longReader, projectId)) - kept.telemetryBytesMax;
    if (surplus > 0) await removeOldest(deps, projectId, { bytes: surplus, signal });
  }
}

/** Removes a project's oldest rows: all, those that ended before a moment, or so many bytes of them. */
async function removeOldest(
  deps: TelemetryDeps,
  projectId: string,
  until: { endedBeforeMs?: number; bytes?: number; signal: AbortSignal },
): Promise<void> {
  let left = until.bytes ?? Number.POSITIVE_INFINITY;
  while (left > 0 && !until.signal.aborted) {
    const { endedBeforeMs } = until;
    const asked = { limit: STEP_ROWS, ...(endedBeforeMs === undefined ? {} : { endedBeforeMs }) };
    const room = left;
    const { rows, bytes } = await deps.db.transaction(async (tx) => {
      const old = upTo(room, await queries.oldestLogs(tx, projectId, asked));
      await queries.removeLogs(tx, old);
      await removeTraces(tx, old);
      const freed = old.reduce((sum, row) => sum + row.size_bytes, 0);
      await giveBack(deps, tx, { projectId, bytes: freed });
      return { rows: old.length, bytes: freed };
    });
    left -= bytes;
    if (rows < STEP_ROWS) return;
  }
}

/** The first rows that together hold at least so many bytes. */
function upTo(bytes: number, rows: readonly LogFacts[]): LogFacts[] {
  let sum = 0;
  return rows.filter((row) => {
    const wanted = sum < bytes;
    sum += row.size_bytes;
    return wanted;
  });
}

async function giveBack(
  deps: TelemetryDeps,
  tx: Tx,
  { projectId, bytes }: { projectId: string; bytes: number },
): Promise<void> {
  if (projectId === "" || bytes === 0) return;
  // Of a purged project nothing is counted any more.
  if ((await deps.projects.byId(projectId)) === undefined) return;
  await deps.projects.checkQuota(tx, projectId, "telemetryBytes", -bytes);
}
