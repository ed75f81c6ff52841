import type {
  AlertRule,
  Distribution,
  MonitorWindow,
  SeriesPoint,
  WindowResult,
} from "@atrium/contract/monitoring";
import { AppError } from "#lib/errors";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { MonitoringDeps } from "./deps.ts";
import { found, type Gate } from "./gate.ts";
import { segmentMetricNames } from "./metric-kind.ts";
import type { PageAsked } from "./monitors.ts";
import { segmentsOf } from "./plan.ts";
import { binsOf, openProfile } from "./profile.ts";
import * as alerts from "./queries/alerts.ts";
import * as queries from "./queries/monitors.ts";
import * as windows from "./queries/windows.ts";
import type { MonitorRow } from "./tables.ts";
import { metricsOf, resultOf, ruleOf, settingsOf, windowOf } from "./view.ts";

interface At {
  projectId: string;
  monitor: string;
}

export interface SeriesAsked {
  segment: string;
  column?: string | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  pointsMax: number;
}

export interface Series {
  points: SeriesPoint[];
  thresholds: {
    ruleId: string;
    rule: string;
    metric: string;
    comparison: AlertRule["comparison"];
    threshold: number;
    severity: string;
  }[];
}

/** What came out of windows, for those who look at it. */
export interface Charts {
  windows(actor: Actor, at: At, asked: PageAsked): Promise<Page<MonitorWindow>>;
  window(actor: Actor, at: At, startMs: number): Promise<{ window: MonitorWindow; results: WindowResult[] }>;
  series(actor: Actor, at: At, asked: SeriesAsked): Promise<Series>;
  distribution(
    actor: Actor,
    at: At & { startMs: number },
    asked: { column: string; segment: string },
  ): Promise<Distribution>;
}

export function createCharts(deps: Pick<MonitoringDeps, "db" | "projects">, gate: Gate): Charts {
  const { db, projects } = deps;
  return { windows: listWindows, window, series, distribution };

  async function listWindows(actor: Actor, at: At, asked: PageAsked): Promise<Page<MonitorWindow>> {
    const { id } = await admit(actor, at);
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["monitor-windows", id],
      kinds: ["whole"],
      rows: (after, limit) =>
        windows.windowsPage(db.reader, id, {
          before: after === undefined ? undefined : Number(after[0]),
          limit,
        }),
      show: (rows) => rows.map(windowOf),
      position: (row) => [row.start_ms],
    });
  }

  async function window(actor: Actor, at: At, startMs: number) {
    const { id } = await admit(actor, at);
    const row = found(await windows.window(db.reader, id, startMs), `window at ${startMs}`);
    const rows = await windows.resultsOfWindow(db.reader, id, startMs);
    return { window: windowOf(row), results: rows.map(resultOf) };
  }

  async function series(actor: Actor, at: At, asked: SeriesAsked): Promise<Series> {
    const monitor = await admit(actor, at);
    const { segment, column = "", fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, pointsMax } = asked;
    checkPlace(monitor, { segment, column });
    const where = { monitorId: monitor.id, segment, column };
    const rows = await windows.series(db.reader, where, { fromMs, toMs, limit: pointsMax });
    const points = rows.reverse().map((row) => ({
      startMs: row.start_ms,
      endMs: row.end_ms,
      state: row.state,
      rows: row.row_count,
      insufficient: row.insufficient === 1,
      values: metricsOf(row),
    }));
    const rules = (await alerts.rulesOf(db.reader, monitor.id)).map(ruleOf);
    return { points, thresholds: rules.filter((rule) => isShown(rule, { segment, column })).map(lineOf) };
  }

  async function distribution(
    actor: Actor,
    at: At & { startMs: number },
    asked: { column: string; segment: string },
  ): Promise<Distribution> {
    const monitor = await admit(actor, at);
    checkPlace(monitor, asked);
    const row = found(await windows.window(db.reader, monitor.id, at.startMs), `window at ${at.startMs}`);
    const results = await windows.resultsOfWindow(db.reader, monitor.id, at.startMs);
    const place = { monitorId: monitor.id, column: asked.column };
    const kept = await queries.reference(db.reader, monitor.id, asked.column);
    if (kept === undefined || row.monitor_revision !== monitor.reference_revision) {
      throw new AppError("conflict", "The reference is being read anew; ask again in a moment.");
    }
    const profile = openProfile(kept.profile, await projects.keys.keyOf(at.projectId), place);
    const result = results.find((one) => one.column_name === asked.column && one.segment === asked.segment);
    const counts = result === undefined ? [] : (JSON.parse(result.bins) as number[]);
    const bins = binsOf(profile).map(({ rows, ...bin }, i) => ({
      ...bin,
      referenceRows: rows,
      windowRows: counts[i] ?? 0,
    }));
    return {
      ...asked,
      startMs: row.start_ms,
      endMs: row.end_ms,
      kind: profile.kind,
      referenceRows: profile.rows,
      windowRows: result?.row_count ?? 0,
      bins,
    };
  }

  async function admit(actor: Actor, { projectId, monitor }: At): Promise<MonitorRow> {
    await gate.admit(actor, "monitor:read", projectId);
    return found(await queries.monitorByIdOrName(db.reader, projectId, monitor), `monitor ${monitor}`);
  }
}

/** @throws AppError `not_found` for a segment or column that the monitor does not have */
export function checkPlace(
  monitor: MonitorRow,
  { segment, column }: { segment: string; column: string },
): void {
  const settings = settingsOf(monitor);
  const names = segmentsOf(settings).map(({ name }) => name);
  if (!names.includes(segment)) {
    throw new AppError(
      "not_found",
      `Monitor ${monitor.name} has no segment ${segment}; it has ${names.join(", ")}.`,
    );
  }
  if (column === "" || settings.columns.some(({ name }) => name === column)) return;
  throw new AppError("not_found", `Monitor ${monitor.name} does not watch a column ${column}.`);
}

function isShown(rule: AlertRule, { segment, column }: { segment: string; column: string }): boolean {
  if (!rule.enabled || rule.segment !== segment) return false;
  if (segmentMetricNames.has(rule.metric)) return column === "";
  return column !== "" && (rule.column === undefined || rule.column === column);
}

function lineOf(rule: AlertRule): Series["thresholds"][number] {
  const { id: ruleId, name, metric, comparison, threshold, severity } = rule;
  return { ruleId, rule: name, metric, comparison, threshold, severity };
}
