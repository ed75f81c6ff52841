import { seal, unseal } from "#lib/seal";
import { createSlice } from "#lib/slice";
import { SYSTEM } from "#modules/identity";
import type { TelemetryDeps } from "./deps.ts";
import { KEPT_DAYS } from "./log-keeping.ts";
import type { LogKeys } from "./log-keys.ts";
import { type Points, packPoints, unpackPoints } from "./metric-chunk.ts";
import { chunkContext } from "./metric-store.ts";
import * as queries from "./point-queries.ts";
import { openPoints } from "./points-row.ts";
import { tidy } from "./project-metric-reading.ts";
import type { ChunkRow } from "./tables.ts";

const DAY_MS = 24 * 3600 * 1000;
const TOGETHER_MIN = 200; // Rows that wait in a project; reading so many costs some milliseconds.
const WAIT_MS = 30 * 60 * 1000; // A project that brings little is chunked this often.
const TOGETHER_MAX = 500;
const CHUNKS_A_TRANSACTION = 100;
const FORGOTTEN_A_STEP = 200;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** Turns what senders brought at once into chunks, one series each, so that a question opens few rows. */
export async function chunkPoints(deps: TelemetryDeps, keys: LogKeys, signal: AbortSignal): Promise<void> {
  for (const { projectId, rows, oldestMs } of await queries.waitingPoints(deps.db.longReader)) {
    if (rows < TOGETHER_MIN && oldestMs > deps.clock.now() - WAIT_MS) continue;
    const key = await keys(projectId);
    if (key === undefined) continue; // Purged; forgetting takes the rows.
    for (let left = rows; left > 0 && !signal.aborted; left -= TOGETHER_MAX)
      await chunkOldest(deps, key, projectId);
  }
}

/** Chunks are put before the rows go, and put again after a kill: points count once by their time. */
async function chunkOldest(deps: TelemetryDeps, key: Buffer, projectId: string): Promise<void> {
  const { db } = deps;
  const after = { stored_ms: -1, id: "" };
  const asked = { projectId, ...EVERYTHING, after, limit: TOGETHER_MAX };
  const rows = await queries.pointsWithin(db.longReader, asked);
  const series = new Map<number, Points>();
  const slice = createSlice();
  for (const row of rows) {
    await slice();
    for (const { seriesId, atMs, value } of openPoints(key, row.id, row.body)) {
      const of = series.get(seriesId) ?? { atMs: [], values: [] };
      of.atMs.push(atMs);
      of.values.push(value);
      series.set(seriesId, of);
    }
  }
  let grown = 0;
  const all = [...series];
  for (let i = 0; i < all.length; i += CHUNKS_A_TRANSACTION)
    grown += await putTogether(deps, key, all.slice(i, i + CHUNKS_A_TRANSACTION));
  const freed = rows.reduce((sum, row) => sum + row.size_bytes, 0);
  await db.transaction(async (tx) => {
    await queries.removePoints(
      tx,
      rows.map(({ id }) => id),
    );
    const change = grown - freed;
    // A full project must still become smaller, so what grows is not asked for.
    if (change < 0) await deps.projects.checkQuota(tx, projectId, "telemetryBytes", change);
  });
}

/** Writes chunks of some series, each with what already stands at its place. @returns by how many bytes it all grew */
async function putTogether(
  { db }: TelemetryDeps,
  key: Buffer,
  series: readonly [number, Points][],
): Promise<number> {
  const fresh = series.map(([id, points]) => ({ id, points: tidy(points, EVERYTHING) }));
  const places = fresh.map(({ id, points }) => ({ series_id: id, from_ms: points.atMs[0] ?? 0 }));
  const standing = new Map(
    (await queries.chunksAt(db.longReader, places)).map((row) => [`${row.series_id} ${row.from_ms}`, row]),
  );
  let grown = 0;
  const slice = createSlice();
  const chunks: ChunkRow[] = [];
  for (const { id, points } of fresh) {
    await slice();
    const before = standing.get(`${id} ${points.atMs[0] ?? 0}`);
    const old = before && unpackPoints(unseal(key, before.body, chunkContext(before)));
    const all =
      old === undefined
        ? points
        : tidy(
            { atMs: [...old.atMs, ...points.atMs], values: [...old.values, ...points.values] },
            EVERYTHING,
          );
    const place = { series_id: id, from_ms: all.atMs[0] ?? 0, to_ms: all.atMs.at(-1) ?? 0 };
    const body = seal(key, packPoints(all), chunkContext(place));
    grown += body.byteLength - (before?.body.byteLength ?? 0);
    chunks.push({ ...place, body });
  }
  await db.transaction((tx) => queries.putChunks(tx, chunks));
  return grown;
}

/** Forgets a project's numbers that are older than its settings keep, and all of a project that was purged. */
export async function forgetOldPoints(deps: TelemetryDeps, signal: AbortSignal): Promise<void> {
  const nowMs = deps.clock.now();
  const living = new Set((await deps.projects.all()).map((ref) => ref.id));
  for (const projectId of await queries.projectsWithSeries(deps.db.longReader)) {
    if (signal.aborted) return;
    const lives = living.has(projectId);
    const days = lives ? (await deps.projects.get(SYSTEM, projectId)).settings.telemetryDays : undefined;
    const beforeMs = lives ? nowMs - (days ?? KEPT_DAYS) * DAY_MS : Number.MAX_SAFE_INTEGER;
    while (!signal.aborted && (await forgetSome(deps, projectId, beforeMs))) {}
    await deps.db.transaction((tx) => queries.removeOldSeries(tx, projectId, beforeMs));
  }
}

/** True when there may be more. */
async function forgetSome(deps: TelemetryDeps, projectId: string, beforeMs: number): Promise<boolean> {
  const asked = { projectId, beforeMs, limit: FORGOTTEN_A_STEP };
  return deps.db.transaction(async (tx) => {
    const chunks = await queries.oldChunks(tx, asked);
    const points = await queries.oldPoints(tx, asked);
    await queries.removeChunks(tx, chunks);
    await queries.removePoints(
      tx,
      points.map(({ id }) => id),
    );
    const bytes = [...chunks, ...points].reduce((sum, row) => sum + row.bytes, 0);
    const lives = (await deps.projects.byId(projectId)) !== undefined;
    if (bytes > 0 && lives) await deps.projects.checkQuota(tx, projectId, "telemetryBytes", -bytes);
    return chunks.length === FORGOTTEN_A_STEP || points.length === FORGOTTEN_A_STEP;
  });
}
