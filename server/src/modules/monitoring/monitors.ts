import type { Monitor, MonitorSettings, monitoringApi } from "@atrium/contract/monitoring";
import type { Permission } from "@atrium/contract/permissions";
import type { z } from "zod";
import { AppError } from "#lib/errors";
import { isId, newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { MonitoringDeps } from "./deps.ts";
import { found, type Gate } from "./gate.ts";
import { ALL, COHORT_NAMES, windowStart } from "./plan.ts";
import * as alerts from "./queries/alerts.ts";
import * as queries from "./queries/monitors.ts";
import * as windows from "./queries/windows.ts";
import type { Reading } from "./reading.ts";
import type { MonitorRow } from "./tables.ts";
import { monitorOf, type StoredSettings } from "./view.ts";

const MONITORS_MAX = 200; // Of a project: each is looked at once a window, for some seconds of the engine.
const WINDOWS_BEHIND_MAX = 5000; // What a new monitor may catch up with: seven months of hours, an hour's work.

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

export type MonitorChanges = z.output<typeof monitoringApi.updateMonitor.body>;

export interface Monitors {
  list(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { endpoint?: string | undefined },
  ): Promise<Page<Monitor>>;
  /** @throws AppError `invalid`, `not_found` (what it watches or compares with), `conflict` (the name is taken) */
  create(actor: Actor, projectId: string, given: MonitorSettings): Promise<Monitor>;
  get(actor: Actor, projectId: string, idOrName: string): Promise<Monitor>;
  update(actor: Actor, at: { projectId: string; monitor: string }, changes: MonitorChanges): Promise<Monitor>;
  delete(actor: Actor, projectId: string, idOrName: string): Promise<void>;
  /** Wakes the worker; `again` makes every window anew. */
  run(actor: Actor, at: { projectId: string; monitor: string }, wanted: "due" | "again"): Promise<Monitor>;
}

/** What is watched, and how. */
export function createMonitors(
  deps: Pick<MonitoringDeps, "db" | "clock" | "access">,
  gate: Gate,
  reading: Reading,
): Monitors {
  const { db, clock, access } = deps;
  return { list, create, get, update, delete: remove, run };

  async function list(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { endpoint?: string | undefined },
  ): Promise<Page<Monitor>> {
    await gate.admit(actor, "monitor:read", projectId);
    const { endpoint } = asked;
    return keysetPage({
      ...asked,
      pageToken: asked.pageToken,
      question: ["monitors", projectId, endpoint ?? null],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.monitorsPage(db.reader, { projectId, endpoint }, { after: textOf(after), limit }),
      show: (rows) => show(db.reader, rows),
      position: (row) => [row.name],
    });
  }

  async function get(actor: Actor, projectId: string, idOrName: string): Promise<Monitor> {
    await gate.admit(actor, "monitor:read", projectId);
    return showOne(db.reader, await find(projectId, idOrName));
  }

  async function create(actor: Actor, projectId: string, given: MonitorSettings): Promise<Monitor> {
    await gate.admit(actor, "monitor:write", projectId);
    const { name, startMs, ...settings } = given;
    checkName(name);
    checkSettings(settings);
    const nowMs = clock.now();
    const firstMs = windowStart(startMs ?? nowMs, settings.windowMs);
    checkStart(firstMs, settings.windowMs, nowMs);
    const pinned = await prepared(actor, projectId, settings);
    const row: MonitorRow = {
      id: newId(),
      project_id: projectId,
      name,
      settings: JSON.stringify(pinned),
      endpoint: settings.source.kind === "endpoint" ? settings.source.endpoint : "",
      state: "active",
      revision: 1,
      start_ms: firstMs,
      next_ms: firstMs,
      wake_ms: 0,
      reference_revision: 0,
      reference_rows: 0,
      problem: "",
      created_by: actor.name,
      created_ms: nowMs,
      updated_ms: nowMs,
    };
    return unlessTaken(name, async (tx) => {
      await tx.serialize(`monitoring.monitors.${projectId}`);
      if ((await queries.countMonitors(tx, projectId)) >= MONITORS_MAX) {
        throw new AppError("exhausted", `A project has at most ${MONITORS_MAX} monitors; delete some.`);
      }
      await queries.addMonitor(tx, row);
      await gate.tell(tx, actor, newsOf("monitor.created", row));
      return showOne(tx, row);
    });
  }

  async function update(
    actor: Actor,
    at: { projectId: string; monitor: string },
    changes: MonitorChanges,
  ): Promise<Monitor> {
    await gate.admit(actor, "monitor:write", at.projectId);
    const { id, settings: stored } = await find(at.projectId, at.monitor);
    const { name, state, ...parts } = changes;
    if (name !== undefined) checkName(name);
    const before = JSON.parse(stored) as StoredSettings;
    const after = { ...before, ...withoutUndefined(parts) };
    checkSettings(after);
    const isComputedAnew = Object.keys(withoutUndefined(parts)).some((part) => part !== "description");
    const pinned = isComputedAnew ? await prepared(actor, at.projectId, after) : after;
    return unlessTaken(name ?? at.monitor, async (tx) => {
      const row = found(await queries.monitorToChange(tx, id), `monitor ${at.monitor}`);
      if (row.settings !== stored) {
        throw new AppError("conflict", "Somebody else changed the monitor meanwhile; read it and try again.");
      }
      const changed: MonitorRow = {
        ...row,
        name: name ?? row.name,
        state: state ?? row.state,
        settings: JSON.stringify(pinned),
        updated_ms: clock.now(),
        wake_ms: 0,
        ...(isComputedAnew ? { revision: row.revision + 1, next_ms: row.start_ms } : {}),
      };
      await save(tx, changed);
      await gate.tell(tx, actor, newsOf("monitor.updated", changed, { parts: Object.keys(changes) }));
      return showOne(tx, changed);
    });
  }

  async function remove(actor: Actor, projectId: string, idOrName: string): Promise<void> {
    await gate.admit(actor, "monitor:write", projectId);
    const { id } = await find(projectId, idOrName);
    await db.transaction(async (tx) => {
      const row = found(await queries.monitorToChange(tx, id), `monitor ${idOrName}`);
      await queries.removeMonitor(tx, id);
      await gate.tell(tx, actor, newsOf("monitor.deleted", row));
    });
  }

  async function run(
    actor: Actor,
    at: { projectId: string; monitor: string },
    wanted: "due" | "again",
  ): Promise<Monitor> {
    await gate.admit(actor, "monitor:write", at.projectId);
    const { id } = await find(at.projectId, at.monitor);
    return db.transaction(async (tx) => {
      const row = found(await queries.monitorToChange(tx, id), `monitor ${at.monitor}`);
      if (row.state === "paused") {
        throw new AppError("conflict", `Monitor ${row.name} is paused; resume it first.`);
      }
      const again = wanted === "again" ? { revision: row.revision + 1, next_ms: row.start_ms } : {};
      const changed = { ...row, ...again, wake_ms: 0 };
      await save(tx, changed);
      await gate.tell(tx, actor, newsOf("monitor.run", changed, { windows: wanted }));
      return showOne(tx, changed);
    });
  }

  /** Checks that the actor may read what the monitor will read in their name, and fixes the reference's version. */
  async function prepared(
    actor: Actor,
    projectId: string,
    settings: StoredSettings,
  ): Promise<StoredSettings> {
    for (const permission of permissionsFor(settings)) {
      await access.require(actor, permission, { kind: "project", projectId });
    }
    const { source, columns } = settings;
    // What does not exist, or is no time, is told now and not by the worker.
    await reading.window(actor, { projectId, source }, { startMs: 0, endMs: 1 });
    const reference = await reading.pin(actor, { projectId, source, reference: settings.reference, columns });
    return { ...settings, reference };
  }

  async function find(projectId: string, idOrName: string): Promise<MonitorRow> {
    return found(await queries.monitorByIdOrName(db.reader, projectId, idOrName), `monitor ${idOrName}`);
  }

  async function save(tx: Tx, row: MonitorRow): Promise<void> {
    const { id, project_id: _project, ...rest } = row;
    await queries.changeMonitor(tx, id, rest);
  }

  async function showOne(tx: Tx, row: MonitorRow): Promise<Monitor> {
    const [shown] = await show(tx, [row]);
    return found(shown, `monitor ${row.name}`);
  }

  async function show(tx: Tx, rows: readonly MonitorRow[]): Promise<Monitor[]> {
    const ids = rows.map(({ id }) => id);
    const newest = new Map((await windows.newestWindows(tx, ids)).map((row) => [row.monitor_id, row]));
    const open = await alerts.countUnresolved(tx, ids);
    return rows.map((row) =>
      monitorOf(row, { newest: newest.get(row.id), openIncidents: open.get(row.id) ?? 0 }),
    );
  }

  async function unlessTaken<T>(name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await db.transaction(work);
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", `A monitor ${name} exists already; choose another name.`, {
        at: "body.name",
        reason: "already_exists",
      });
    }
  }
}

function newsOf(action: string, row: MonitorRow, details: Record<string, unknown> = {}) {
  const resource = { type: "monitor", id: row.id, name: row.name };
  return { action, projectId: row.project_id, resource, details };
}

const READS: Record<StoredSettings["reference"]["kind"] | "endpoint", Permission[]> = {
  endpoint: ["endpoint:read"],
  dataset: ["dataset:read"],
  "training-set": ["feature:read"],
  window: [],
};

function permissionsFor({ source, reference }: StoredSettings): Permission[] {
  return [...new Set([...READS[source.kind], ...READS[reference.kind]])];
}

function checkStart(firstMs: number, windowMs: number, nowMs: number): void {
  const behind = Math.floor((nowMs - firstMs) / windowMs);
  if (behind <= WINDOWS_BEHIND_MAX) return;
  throw new AppError(
    "invalid",
    `${behind} windows lie between the start and now, and at most ${WINDOWS_BEHIND_MAX} may; start later or take longer windows.`,
    { at: "body.startMs" },
  );
}

/** A name stands beside an id in addresses: what reads like an id would be taken for one. */
function checkName(name: string): void {
  if (isId(name)) {
    throw new AppError("invalid", `${name} reads like one of our ids; choose another name.`, {
      at: "body.name",
    });
  }
}

/** @throws AppError `invalid` for what no schema can say */
function checkSettings({ source, columns, segments, performance }: StoredSettings): void {
  const twice = <T>(items: readonly T[], name: (item: T) => string) =>
    items.map(name).find((one, i, all) => all.indexOf(one) !== i);
  const column = twice(columns, ({ name }) => name);
  if (column !== undefined) {
    throw new AppError("invalid", `Column ${column} is named twice.`, { at: "body.columns" });
  }
  const segment = twice(segments, ({ name }) => name);
  if (segment !== undefined) {
    throw new AppError("invalid", `Segment ${segment} is named twice.`, { at: "body.segments" });
  }
  const own = segments.find(({ name }) => name === ALL || COHORT_NAMES.includes(name));
  if (own !== undefined) {
    throw new AppError("invalid", `Segment ${own.name} is one of ours; choose another name.`, {
      at: "body.segments",
    });
  }
  if (performance === undefined) return;
  const at = "body.performance";
  if (source.kind === "dataset" && performance.label === undefined) {
    throw new AppError("invalid", "Name the dataset's column that holds the label.", { at: `${at}.label` });
  }
  if (source.kind === "endpoint" && performance.label !== undefined) {
    throw new AppError("invalid", "An endpoint's labels come by prediction id; leave the column out.", {
      at: `${at}.label`,
    });
  }
  if (performance.task !== "classification" || performance.positive !== undefined) return;
  if (performance.score !== undefined || performance.threshold !== undefined) {
    throw new AppError("invalid", "Say which class it is the probability of.", {
      at: `${at}.positive`,
    });
  }
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function textOf(after: readonly (string | number | null)[] | undefined): string | undefined {
  return after === undefined ? undefined : String(after[0]);
}
