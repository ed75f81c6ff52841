import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Tx } from "#ports/database";
import type { TelemetryDeps } from "./deps.ts";
import { KEPT_DAYS } from "./log-keeping.ts";
import type { LogKeys } from "./log-keys.ts";
import { inOrder, seriesProblem } from "./metric-name.ts";
import { addPoints, countSeries, moveSeries, projectSeriesId, type SeriesStep } from "./point-queries.ts";
import { type SeriesPoint, sealPoints } from "./points-row.ts";
import type { MetricPoint } from "./signals.ts";

export const PROJECT_SERIES_MAX = 20_000; // More is a label that holds values; a selector could not read them all.
const SERIES_REMEMBERED_MAX = 100_000; // About 50 MiB; what is forgotten is looked up again.
const POINTS_A_ROW = 1000; // Its sealing and its transaction hold the loop a few milliseconds.
const LEARNT_A_TRANSACTION = 50;
const AHEAD_MS = 10 * 60 * 1000; // Clocks of other machines may be ahead; points from further on would never grow old.
const DAY_MS = 24 * 3600 * 1000;
/** A series that is used says so this often, and not with each point: it is a write of its own. */
export const MARK_EVERY_MS = 10 * 60 * 1000;

export interface Kept {
  lost: number;
  /** Why the first of those that were lost was. */
  reason?: string;
}

interface Known {
  id: number;
  markedMs: number;
}

type Placed = { point: MetricPoint; known: Known };

/** Takes numbers that jobs, endpoints and senders of a project measured. */
export interface ProjectMetrics {
  /**
   * Resolves when everything is stored that can be. What is sent again is stored once: points by their time, and
   * increments that are not newer than the last are refused.
   * @throws AppError `exhausted` (the project's quota), `unavailable`
   */
  keep(projectId: string, points: readonly MetricPoint[]): Promise<Kept>;
}

export function createProjectMetrics(
  { db, clock, projects }: Pick<TelemetryDeps, "db" | "clock" | "projects">,
  keys: LogKeys,
): ProjectMetrics {
  const series = new Map<string, Known>();
  return { keep };

  async function keep(projectId: string, points: readonly MetricPoint[]): Promise<Kept> {
    const key = await keys(projectId);
    if (key === undefined) throw new AppError("not_found", "There is no such project.");
    const loss = createLoss();
    const nowMs = clock.now();
    const good = points
      .filter((point) => loss.unless(problemOf(point, nowMs)))
      .sort((a, b) => a.atMs - b.atMs);
    for (let i = 0; i < good.length; i += POINTS_A_ROW) {
      const part = good.slice(i, i + POINTS_A_ROW);
      const placed = await place(projectId, part, loss);
      await store({ projectId, key, loss }, placed);
    }
    return loss.told();
  }

  /** Finds each point's series. */
  async function place(projectId: string, points: readonly MetricPoint[], loss: Loss): Promise<Placed[]> {
    const named = points.map((point) => ({ point, identity: identityOf(projectId, point) }));
    const unknown = new Map(
      named.filter(({ identity }) => !series.has(identity)).map((n) => [n.identity, n.point]),
    );
    await learn(projectId, [...unknown]);
    return named.flatMap(({ point, identity }) => {
      const known = series.get(identity);
      if (known !== undefined) return [{ point, known }];
      loss.unless(`the project has ${PROJECT_SERIES_MAX} metric series already`);
      return [];
    });
  }

  async function learn(projectId: string, unknown: readonly [string, MetricPoint][]): Promise<void> {
    for (let i = 0; i < unknown.length; i += LEARNT_A_TRANSACTION) {
      const part = unknown.slice(i, i + LEARNT_A_TRANSACTION);
      const learnt = await db.transaction(async (tx) => {
        const room = PROJECT_SERIES_MAX - (await countSeries(tx, projectId));
        const found: [string, number][] = [];
        for (const [identity, point] of part.slice(0, Math.max(0, room)))
          found.push([identity, await projectSeriesId(tx, rowOf(projectId, identity, point))]);
        return found;
      });
      for (const [identity, id] of learnt) series.set(identity, { id, markedMs: 0 });
      if (learnt.length < part.length) break;
    }
    for (const identity of series.keys()) {
      if (series.size <= SERIES_REMEMBERED_MAX) break;
      series.delete(identity);
    }
  }

  async function store(
    { projectId, key, loss }: { projectId: string; key: Buffer; loss: Loss },
    placed: readonly Placed[],
  ): Promise<void> {
    if (placed.length === 0) return;
    const nowMs = clock.now();
    const steps = stepsOf(placed, nowMs);
    const { moved, refused } = await db.transaction(async (tx) => {
      const totals = new Map((await moveSeries(tx, steps)).map(({ id, total }) => [id, total]));
      const stood = new Set(steps.filter(({ id }) => !totals.has(id)).map(({ id }) => id));
      const points = pointsOf(placed, totals, stood);
      await addRow(tx, { projectId, key, nowMs }, points);
      return { moved: totals, refused: stood };
    });
    for (const { known, point } of placed) {
      if (moved.has(known.id)) known.markedMs = nowMs;
      if (refused.has(known.id)) {
        // Either its increments are old, or it was forgotten after a long silence: then it is looked up next time.
        series.delete(identityOf(projectId, point));
        loss.unless(`increments of ${point.name} are not newer than the last that are stored`);
      }
    }
  }

  async function addRow(
    tx: Tx,
    { projectId, key, nowMs }: { projectId: string; key: Buffer; nowMs: number },
    points: readonly SeriesPoint[],
  ): Promise<void> {
    if (points.length === 0) return;
    const id = newId();
    const body = sealPoints(key, id, points);
    const times = points.map(({ atMs }) => atMs);
    await addPoints(tx, {
      id,
      project_id: projectId,
      from_ms: Math.min(...times),
      to_ms: Math.max(...times),
      stored_ms: nowMs,
      size_bytes: body.byteLength,
      body,
    });
    await projects.checkQuota(tx, projectId, "telemetryBytes", body.byteLength);
  }
}

function problemOf(point: MetricPoint, nowMs: number): string | undefined {
  const { name, labels, atMs, value, counts } = point;
  if (!Number.isFinite(atMs) || atMs > nowMs + AHEAD_MS) return `${name} has a point from the future`;
  if (atMs < nowMs - KEPT_DAYS * DAY_MS) return `${name} has a point that is older than ${KEPT_DAYS} days`;
  if (counts === "increment" && !(Number.isFinite(value) && value >= 0))
    return `${name} has an increment that is no number from 0 on`;
  return seriesProblem(name, labels);
}

/** Series that must move: those that grow by increments, and those that have not said for a while that they are used. */
function stepsOf(placed: readonly Placed[], nowMs: number): SeriesStep[] {
  const steps = new Map<number, SeriesStep>();
  for (const { point, known } of placed) {
    const { counts, value } = point;
    const atMs = Math.trunc(point.atMs);
    if (counts === "total" && known.markedMs > nowMs - MARK_EVERY_MS) continue;
    const step = steps.get(known.id);
    const amount = counts === "increment" ? value : 0;
    if (step === undefined)
      steps.set(known.id, { id: known.id, amount, firstMs: atMs, lastMs: atMs, counts });
    else {
      step.amount += amount;
      step.firstMs = Math.min(step.firstMs, atMs);
      step.lastMs = Math.max(step.lastMs, atMs);
      if (counts === "increment") step.counts = "increment";
    }
  }
  // In one order everywhere, so that two senders never wait for each other.
  return [...steps.values()].sort((a, b) => a.id - b.id);
}

/** Points to store: an increment becomes what its counter had come to at that moment. */
function pointsOf(
  placed: readonly Placed[],
  totals: ReadonlyMap<number, number>,
  refused: ReadonlySet<number>,
): SeriesPoint[] {
  const byTime = placed.toSorted((a, b) => a.point.atMs - b.point.atMs);
  const sums = new Map<number, number>();
  for (const { point, known } of byTime)
    if (point.counts === "increment") sums.set(known.id, (sums.get(known.id) ?? 0) + point.value);
  const reached = new Map([...sums].map(([id, sum]) => [id, (totals.get(id) ?? 0) - sum]));
  return byTime.flatMap(({ point, known }): SeriesPoint[] => {
    if (refused.has(known.id)) return [];
    const atMs = Math.trunc(point.atMs);
    if (point.counts === "total") return [{ seriesId: known.id, atMs, value: point.value }];
    const value = (reached.get(known.id) ?? 0) + point.value;
    reached.set(known.id, value);
    return [{ seriesId: known.id, atMs, value }];
  });
}

function identityOf(projectId: string, { name, labels }: MetricPoint): string {
  return JSON.stringify([name, inOrder(labels), projectId]);
}

function rowOf(projectId: string, identity: string, { name, kind, labels, unit, help }: MetricPoint) {
  return {
    project_id: projectId,
    identity_text: identity,
    name,
    kind,
    labels: JSON.stringify(inOrder(labels)),
    unit: unit.slice(0, 63),
    help: help.slice(0, 500),
    total: 0,
    last_ms: 0,
  };
}

interface Loss {
  /** Counts one point as lost when there is a problem; true when there is none. */
  unless(problem: string | undefined): boolean;
  told(): Kept;
}

function createLoss(): Loss {
  let lost = 0;
  let reason: string | undefined;
  return {
    unless(problem) {
      if (problem === undefined) return true;
      lost += 1;
      reason ??= problem;
      return false;
    },
    told: () => (reason === undefined ? { lost } : { lost, reason }),
  };
}
