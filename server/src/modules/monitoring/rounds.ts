import { AppError } from "#lib/errors";
import { SYSTEM } from "#modules/identity";
import type { Tx } from "#ports/database";
import { type Computed, computeSegments, computeWindow, digestOf, type WindowInput } from "./compute.ts";
import type { MonitoringDeps } from "./deps.ts";
import { askerOf } from "./engine.ts";
import type { Judging } from "./judging.ts";
import { nameInReference, type Span, segmentsOf } from "./plan.ts";
import { openProfile, sealProfile } from "./profile.ts";
import * as monitors from "./queries/monitors.ts";
import * as windows from "./queries/windows.ts";
import { digestOfTable, type Reading } from "./reading.ts";
import { readProfile } from "./reference.ts";
import type { MonitorRow, ResultRow, WindowRow } from "./tables.ts";
import { metricsOf, type StoredSettings, settingsOf } from "./view.ts";

const RETRY_MS = 60_000; // After a problem: an endpoint that is gone, an engine that is overloaded.
const LABELS_EVERY_MS = 30_000; // How late a late label may show.
const OPEN_WINDOWS_BATCH = 200; // Windows that wait for labels, looked at in one go.

/** What windows are made of; it changes nothing by itself but the rows of monitoring. */
export interface Rounds {
  /** Brings one monitor up to now, a window a transaction. What a kill leaves is a whole number of windows. */
  look(monitor: MonitorRow, signal: AbortSignal): Promise<void>;
}

export function createRounds(
  deps: Pick<MonitoringDeps, "db" | "clock" | "engine" | "projects" | "events">,
  reading: Reading,
  judging: Judging,
): Rounds {
  const { db, clock, engine, projects, events } = deps;
  return { look };

  async function look(monitor: MonitorRow, signal: AbortSignal): Promise<void> {
    try {
      await bringUp(monitor, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      const problem =
        thrown instanceof AppError ? thrown.message : "It could not be computed; the log says why.";
      const wake = { problem: problem.slice(0, 1000), wake_ms: clock.now() + RETRY_MS };
      await db.transaction((tx) => monitors.changeMonitor(tx, monitor.id, wake));
      if (!(thrown instanceof AppError) || thrown.code === "internal") throw thrown;
    }
  }

  async function bringUp(monitor: MonitorRow, signal: AbortSignal): Promise<void> {
    const project = await projects.byId(monitor.project_id);
    if (project?.state !== "active") return sleep(monitor, clock.now() + RETRY_MS);
    const settings = settingsOf(monitor);
    if (monitor.reference_revision !== monitor.revision) await readReference(monitor, settings, signal);
    let nextMs = monitor.next_ms;
    while (!signal.aborted && nextMs + settings.windowMs + settings.settleMs <= clock.now()) {
      const span = { startMs: nextMs, endMs: nextMs + settings.windowMs };
      if (!(await compute(monitor, { settings, span, signal }))) return;
      nextMs = span.endMs;
    }
    await lookForLabels(monitor, settings, signal);
    const dueMs = nextMs + settings.windowMs + settings.settleMs;
    const waits = settings.performance !== undefined && settings.graceMs > 0;
    await sleep(monitor, waits ? Math.min(dueMs, clock.now() + LABELS_EVERY_MS) : dueMs);
  }

  function sleep({ id, revision }: MonitorRow, wakeMs: number): Promise<void> {
    return db.transaction(async (tx) => {
      const standing = await monitors.monitorToChange(tx, id);
      if (standing?.revision !== revision) return; // It was changed meanwhile, and is due at once.
      await monitors.changeMonitor(tx, id, { wake_ms: wakeMs, problem: "" });
    });
  }

  async function readReference(
    monitor: MonitorRow,
    settings: StoredSettings,
    signal: AbortSignal,
  ): Promise<void> {
    const at = { projectId: monitor.project_id, source: settings.source, reference: settings.reference };
    const rows = await reading.reference(SYSTEM, at);
    if (rows.rowCount === 0) {
      throw new AppError("conflict", "The reference has no rows yet; there is nothing to compare with.");
    }
    const ask = askerOf(engine, { source: rows.table }, signal);
    const key = await projects.keys.keyOf(monitor.project_id);
    const kept: { monitor_id: string; column_name: string; profile: Buffer }[] = [];
    let count = 0;
    for (const column of settings.columns) {
      // A window of the monitor's own source calls its columns as the source does.
      const name = settings.reference.kind === "window" ? column.name : nameInReference(column);
      const source = {
        table: "source",
        columns: rows.columns,
        time: rows.time,
        key: rows.key,
        span: rows.span,
      };
      const profile = await readProfile(ask, source, { name, kind: column.kind });
      count = profile.rows;
      const place = { monitorId: monitor.id, column: column.name };
      kept.push({
        monitor_id: monitor.id,
        column_name: column.name,
        profile: sealProfile(profile, key, place),
      });
    }
    await db.transaction(async (tx) => {
      const standing = await monitors.monitorToChange(tx, monitor.id);
      if (standing?.revision !== monitor.revision) return;
      await monitors.replaceReferences(tx, monitor.id, kept);
      const read = { reference_revision: monitor.revision, reference_rows: count };
      await monitors.changeMonitor(tx, monitor.id, read);
    });
  }

  interface Work {
    settings: StoredSettings;
    span: Span;
    signal: AbortSignal;
  }

  /** False when somebody else changed the monitor meanwhile: what was computed is not what is asked for now. */
  async function compute(monitor: MonitorRow, work: Work): Promise<boolean> {
    const { settings, span } = work;
    const { input, labelsDigest } = await inputOf(monitor, work);
    const results = input === undefined ? nothing(settings) : await computeWindow(input);
    const all = results[0];
    const row: WindowRow = {
      monitor_id: monitor.id,
      start_ms: span.startMs,
      end_ms: span.endMs,
      state: isFinal(settings, span) ? "final" : "sealed",
      row_count: all?.rows ?? 0,
      insufficient: all?.insufficient === false ? 0 : 1,
      revision: 1,
      monitor_revision: monitor.revision,
      computed_ms: clock.now(),
      labels_digest: labelsDigest,
      digest: digestOf(results),
    };
    return db.transaction(async (tx) => {
      const standing = await monitors.monitorToChange(tx, monitor.id);
      if (standing?.revision !== monitor.revision || standing.next_ms !== span.startMs) return false;
      await windows.saveWindow(
        tx,
        row,
        results.map((one) => rowOf(row, one)),
      );
      await monitors.changeMonitor(tx, monitor.id, { next_ms: span.endMs });
      await judging.judgeRules(tx, standing);
      await announce(tx, monitor, row);
      return true;
    });
  }

  /** Labels that came late change the performance of a window that is sealed already, until its grace is over. */
  async function lookForLabels(
    monitor: MonitorRow,
    settings: StoredSettings,
    signal: AbortSignal,
  ): Promise<void> {
    let after = -1;
    for (;;) {
      const open = await windows.openWindows(db.reader, monitor.id, { after, limit: OPEN_WINDOWS_BATCH });
      for (const row of open) {
        if (signal.aborted) return;
        const span = { startMs: row.start_ms, endMs: row.end_ms };
        if (row.monitor_revision === monitor.revision)
          await recompute(monitor, row, { settings, span, signal });
      }
      const last = open.at(-1);
      if (last === undefined || open.length < OPEN_WINDOWS_BATCH) return;
      after = last.start_ms;
    }
  }

  async function recompute(monitor: MonitorRow, before: WindowRow, work: Work): Promise<void> {
    const final = isFinal(work.settings, work.span);
    const at = { projectId: monitor.project_id, source: work.settings.source };
    const labels = await reading.labels(SYSTEM, at, work.span);
    const unchanged = labels !== undefined && digestOfTable(labels.table) === before.labels_digest;
    if (unchanged && !final) return;
    const { input, labelsDigest } = await inputOf(monitor, work);
    const segments = input === undefined ? nothing(work.settings) : await computeSegments(input);
    await db.transaction(async (tx) => {
      const standing = await monitors.monitorToChange(tx, monitor.id);
      const row = await windows.window(tx, monitor.id, before.start_ms);
      if (standing?.revision !== monitor.revision || row?.digest !== before.digest) return;
      const rows = await windows.resultsOfWindow(tx, monitor.id, before.start_ms);
      const columns = rows.filter((one) => one.column_name !== "").map(computedOf);
      const results = [...segments, ...columns];
      const digest = digestOf(results);
      const changed: WindowRow = {
        ...before,
        state: final ? "final" : "sealed",
        labels_digest: labelsDigest,
        digest,
        ...(digest === before.digest ? {} : { revision: before.revision + 1, computed_ms: clock.now() }),
      };
      await windows.saveWindow(
        tx,
        changed,
        results.map((one) => rowOf(changed, one)),
      );
      if (digest === before.digest) return;
      await judging.judgeRules(tx, standing);
      await announce(tx, monitor, changed);
    });
  }

  async function announce(tx: Tx, monitor: MonitorRow, row: WindowRow): Promise<void> {
    const { start_ms: startMs, state, revision, row_count: rows } = row;
    await events.announce(tx, {
      kind: "monitor.computed",
      projectId: monitor.project_id,
      key: monitor.id,
      body: { id: monitor.id, name: monitor.name, startMs, state, revision, rows },
    });
  }

  /** Undefined without a single row. */
  async function inputOf(
    monitor: MonitorRow,
    { settings, span, signal }: Work,
  ): Promise<{ input: WindowInput | undefined; labelsDigest: string }> {
    const at = { projectId: monitor.project_id, source: settings.source };
    const rows = await reading.window(SYSTEM, at, span);
    const labels = settings.performance === undefined ? undefined : await reading.labels(SYSTEM, at, span);
    const labelsDigest = labels === undefined ? "" : digestOfTable(labels.table);
    if (rows.rowCount === 0) return { input: undefined, labelsDigest };
    const hasLabels = labels !== undefined && labels.rowCount > 0;
    const tables = { source: rows.table, ...(hasLabels ? { labels: labels.table } : {}) };
    const key = await projects.keys.keyOf(monitor.project_id);
    const ownLabel = settings.performance?.label;
    const beforeMs = span.endMs + settings.graceMs + settings.settleMs;
    const beside = hasLabels ? ({ kind: "table", table: "labels", beforeMs } as const) : undefined;
    const input: WindowInput = {
      ask: askerOf(engine, tables, signal),
      source: { table: "source", columns: rows.columns, time: rows.time, key: rows.key, span },
      segments: segmentsOf(settings),
      columns: settings.columns,
      profileOf: async (column) => {
        const kept = await monitors.reference(db.reader, monitor.id, column);
        if (kept === undefined) throw new AppError("conflict", "The reference is being read anew.");
        return openProfile(kept.profile, key, { monitorId: monitor.id, column });
      },
      rowsMin: settings.rowsMin,
      performance: settings.performance,
      labels: ownLabel === undefined ? beside : { kind: "column", name: ownLabel },
    };
    return { input, labelsDigest };
  }

  function isFinal(settings: StoredSettings, span: Span): boolean {
    const waits = settings.performance !== undefined && settings.source.kind === "endpoint";
    return !waits || span.endMs + settings.graceMs + settings.settleMs <= clock.now();
  }
}

function nothing(settings: StoredSettings): Computed[] {
  return segmentsOf(settings).map(({ name }) => ({
    segment: name,
    column: "",
    rows: 0,
    insufficient: true,
    sampledRows: 0,
    values: { rows: 0 },
    bins: [],
  }));
}

function rowOf(window: WindowRow, one: Computed): ResultRow {
  return {
    monitor_id: window.monitor_id,
    segment: one.segment,
    column_name: one.column,
    start_ms: window.start_ms,
    row_count: one.rows,
    insufficient: one.insufficient ? 1 : 0,
    sampled_rows: one.sampledRows,
    metrics: JSON.stringify(one.values),
    bins: JSON.stringify(one.bins),
  };
}

function computedOf(row: ResultRow): Computed {
  return {
    segment: row.segment,
    column: row.column_name,
    rows: row.row_count,
    insufficient: row.insufficient === 1,
    sampledRows: row.sampled_rows,
    values: metricsOf(row),
    bins: JSON.parse(row.bins) as number[],
  };
}
