import { SYSTEM } from "#modules/identity";
import type { OfflineValue } from "#ports/offline-engine";
import type { OnlineRow } from "#ports/online-store";
import { toView } from "./catalog.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import type { FeatureValue } from "./door.ts";
import type { Gate, News } from "./gate.ts";
import type { Histories, OpenHistory } from "./history.ts";
import { type History, MICROS } from "./history-sql.ts";
import { asOfSql, type Part } from "./online-sql.ts";
import * as queries from "./queries.ts";
import type { MaterializationInputs, MaterializationRow } from "./tables.ts";
import { shapeSql } from "./training-sql.ts";
import { entityText, normal } from "./value.ts";
import type { Feature } from "./window.ts";
import { isPassing, reasonOf, STATEMENT_LIMITS } from "./work.ts";

const PART_KEYS = 20_000; // Keys of one statement's answer: some tens of MiB at most, and the step of a resume.
const PARTS_MAX = 1000;
const TELL_EVERY_MS = 1000; // Whoever looks on sees it move; a thousand parts of a second each are no flood.
const PART_ROWS_MAX = 500_000; // Keys are shared out by a hash: no part is ever this far from the mean.

/** Carries one materialization on from where it stands, until it ends or `signal` aborts. */
export type RunMaterialization = (row: MaterializationRow, signal: AbortSignal) => Promise<void>;

interface Reading extends OpenHistory {
  sinceMs: number | undefined;
}

export function createRunMaterialization(
  deps: FeatureStoreDeps,
  gate: Gate,
  histories: Histories,
): RunMaterialization {
  const { db, clock, offline, online } = deps;
  return run;

  async function run(row: MaterializationRow, signal: AbortSignal): Promise<void> {
    const started: MaterializationRow = {
      ...row,
      state: "running",
      tries: row.tries + 1,
      started_ms: row.started_ms ?? clock.now(),
    };
    const { state, tries, started_ms } = started;
    if (!(await change(row, { state, tries, started_ms }, started))) return;
    try {
      await carryOn(started, signal);
    } catch (thrown) {
      if (signal.aborted) return; // The next worker goes on from the last part.
      const { error, reason } = reasonOf(thrown);
      if (error.code === "internal") deps.log.error("A materialization failed.", { error: thrown });
      if (isPassing(error, tries)) return;
      await end(row.id, { state: "failed", error: reason });
    }
  }

  async function carryOn(row: MaterializationRow, signal: AbortSignal): Promise<void> {
    const definition = await queries.definitionById(db.reader, row.view_id);
    if (definition === undefined || definition.state === "deleted") {
      await end(row.id, { state: "failed", error: "The feature view was deleted." });
      return;
    }
    const view = toView(definition);
    const readings = await open(row, view.spec);
    let now = row;
    let toldMs = clock.now();
    const parts = row.parts ?? (await countParts(readings, signal));
    while (now.parts_done < parts && !signal.aborted) {
      const part = { index: now.parts_done, of: parts };
      const rows = await readPart({ row, features: view.features, readings }, part, signal);
      const { written } = await online.put({ projectId: row.project_id, tableId: row.view_id }, rows);
      const next = {
        parts,
        parts_done: now.parts_done + 1,
        rows_read: now.rows_read + rows.length,
        rows_written: now.rows_written + written,
      };
      if (rows.length > 0) await noteWritten(row, rows);
      const after = { ...now, ...next };
      const isTime = clock.now() - toldMs >= TELL_EVERY_MS;
      if (!(await change(now, next, isTime ? after : undefined))) return; // Somebody else carries it on.
      if (isTime) toldMs = clock.now();
      now = after;
    }
    if (now.parts_done >= parts) await end(row.id, { state: "succeeded", error: null });
  }

  async function open(row: MaterializationRow, spec: ReturnType<typeof toView>["spec"]): Promise<Reading[]> {
    const input = JSON.parse(row.inputs) as MaterializationInputs;
    const wanted = { name: "history", spec, input };
    const all = await histories.open(row.project_id, wanted);
    if (row.from_ms === null) return [{ ...all, sinceMs: undefined }];
    const readings: Reading[] = [{ ...all, sinceMs: row.from_ms }];
    if (input.arrived.length > 0) {
      const arrived = await histories.open(row.project_id, { ...wanted, only: input.arrived });
      readings.push({ ...arrived, sinceMs: undefined });
    }
    return readings;
  }

  async function countParts(readings: readonly Reading[], signal: AbortSignal): Promise<number> {
    let keys = 0;
    for (const { history, tables } of readings) {
      const answer = await offline.query({ tables, sql: shapeSql(history), signal }, STATEMENT_LIMITS);
      keys += Number(answer.rows[0]?.[1] ?? 0);
    }
    return Math.min(Math.max(Math.ceil(keys / PART_KEYS), 1), PARTS_MAX);
  }

  async function readPart(
    of: { row: MaterializationRow; features: readonly Feature[]; readings: readonly Reading[] },
    part: Part,
    signal: AbortSignal,
  ): Promise<OnlineRow[]> {
    const rows: OnlineRow[] = [];
    for (const { history, tables, sinceMs } of of.readings) {
      const sql = asOfSql(history, { asOfMs: of.row.as_of_ms, sinceMs }, part);
      const limits = { ...STATEMENT_LIMITS, rowsMax: PART_ROWS_MAX };
      const answer = await offline.query({ tables, sql, signal }, limits);
      for (const cells of answer.rows) rows.push(onlineRow(cells, history, of));
    }
    return rows;
  }

  /** The values are readable from here on, so people are told before the whole run ends. */
  async function noteWritten(row: MaterializationRow, rows: readonly OnlineRow[]): Promise<void> {
    const newest = rows.reduce((max, { eventMs }) => Math.max(max, eventMs), 0);
    await db.transaction((tx) =>
      queries.saveFreshness(tx, {
        view_id: row.view_id,
        project_id: row.project_id,
        materialized_to_ms: null,
        newest_event_ms: Math.floor(newest),
        written_ms: clock.now(),
      }),
    );
  }

  async function end(id: string, outcome: Pick<MaterializationRow, "state" | "error">): Promise<void> {
    await db.transaction(async (tx) => {
      const row = await queries.materializationToChange(tx, id);
      if (row === undefined) return;
      const changed = await queries.changeMaterialization(tx, row, { ...outcome, ended_ms: clock.now() });
      if (!changed) return;
      if (outcome.state === "succeeded") {
        await queries.saveFreshness(tx, {
          view_id: row.view_id,
          project_id: row.project_id,
          materialized_to_ms: row.as_of_ms,
          newest_event_ms: null,
          written_ms: null,
        });
      }
      await gate.tell(tx, SYSTEM, {
        action: `feature.materialization.${outcome.state}`,
        projectId: row.project_id,
        thing: viewOf(row),
        details: { materializationId: id, rowsWritten: row.rows_written },
      });
    });
  }

  /** Answers whether it stood where it was thought to stand; then whoever looks on is told where it is now, if that is given. */
  function change(
    from: MaterializationRow,
    changes: Partial<MaterializationRow>,
    told?: MaterializationRow,
  ): Promise<boolean> {
    return db.transaction(async (tx) => {
      const changed = await queries.changeMaterialization(tx, from, changes);
      if (changed && told !== undefined) await gate.announce(tx, progressOf(told));
      return changed;
    });
  }
}

function progressOf(row: MaterializationRow): News {
  const { id, parts_done: partsDone, parts, rows_written: rowsWritten } = row;
  return {
    action: "feature.materialization.progressed",
    projectId: row.project_id,
    thing: viewOf(row),
    details: { materializationId: id, partsDone, parts, rowsWritten },
  };
}

function viewOf({ view_name: id, view_version: version }: MaterializationRow): News["thing"] {
  return { type: "feature-view", id, name: `${id}@${version}` };
}

/** `__k…, __ts, __created, __f…` as a row of the store. */
function onlineRow(
  cells: readonly OfflineValue[],
  { joinKeys, createdColumn }: History,
  { row, features }: { row: MaterializationRow; features: readonly Feature[] },
): OnlineRow {
  const keys = Object.fromEntries(joinKeys.map(({ name }, i) => [name, cells[i] as string | number]));
  const [ts, created, ...values] = cells.slice(joinKeys.length);
  return {
    key: entityText(joinKeys, keys, "row"),
    eventMs: Number(ts) / MICROS,
    // Where rows do not say when they were created, what is read now corrects what was written before.
    createdMs: createdColumn === undefined ? row.created_ms : Number(created ?? 0) / MICROS,
    values: features.map(({ type }, i) => normal((values[i] ?? null) as FeatureValue, type)),
  };
}
