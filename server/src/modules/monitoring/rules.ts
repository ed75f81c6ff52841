import type { AlertRule, NewAlertRule, RuleTest } from "@atrium/contract/monitoring";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import { checkPlace } from "./charts.ts";
import type { MonitoringDeps } from "./deps.ts";
import { found, type Gate } from "./gate.ts";
import { hysteresisHolds, type RuleSettings, replay, valuesFor } from "./judgement.ts";
import { segmentMetricNames } from "./metric-kind.ts";
import type { PageAsked } from "./monitors.ts";
import { ownerOf } from "./owner.ts";
import * as alerts from "./queries/alerts.ts";
import * as queries from "./queries/monitors.ts";
import * as windows from "./queries/windows.ts";
import type { MonitorRow, RuleRow } from "./tables.ts";
import { metricsOf, ruleOf, settingsOf } from "./view.ts";

const RULES_MAX = 100; // Of a monitor: each asks one question of the database for every window.
const TESTED_WINDOWS_MAX = 500; // As many as a chart shows.
const TESTED_RESULTS_MAX = 20_000; // Some 60 ms of parsing, when a rule looks at a hundred columns.

export interface Rules {
  list(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { monitorId?: string | undefined },
  ): Promise<Page<AlertRule>>;
  /** @throws AppError `invalid`, `not_found` (monitor, column, segment or channel), `forbidden` (an action needs pipeline:write) */
  create(actor: Actor, projectId: string, given: NewAlertRule): Promise<AlertRule>;
  /** What it would have done in the newest windows. @throws AppError as `create` does */
  test(actor: Actor, projectId: string, given: NewAlertRule): Promise<RuleTest>;
  replace(actor: Actor, at: { projectId: string; rule: string }, given: RuleSettings): Promise<AlertRule>;
  delete(actor: Actor, projectId: string, id: string): Promise<void>;
}

export function createRules(deps: Pick<MonitoringDeps, "db" | "clock" | "access">, gate: Gate): Rules {
  const { db, clock, access } = deps;
  return { list, create, test, replace, delete: remove };

  async function list(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { monitorId?: string | undefined },
  ): Promise<Page<AlertRule>> {
    await gate.admit(actor, "monitor:read", projectId);
    const { monitorId, pageSize, pageToken } = asked;
    return keysetPage({
      ...{ pageSize, pageToken },
      question: ["alert-rules", projectId, monitorId ?? null],
      kinds: ["text"],
      rows: (after, limit) =>
        alerts.rulesPage(db.reader, { projectId, monitorId }, { after: after && String(after[0]), limit }),
      show: (rows) => rows.map(ruleOf),
      position: (row) => [row.id],
    });
  }

  async function create(actor: Actor, projectId: string, given: NewAlertRule): Promise<AlertRule> {
    await gate.admit(actor, "monitor:write", projectId);
    const { monitorId, ...settings } = given;
    await mayAct(actor, projectId, settings);
    const nowMs = clock.now();
    return unlessTaken(settings.name, async (tx) => {
      const monitor = await held(tx, projectId, monitorId);
      await check(tx, monitor, settings);
      if ((await alerts.rulesOf(tx, monitor.id)).length >= RULES_MAX) {
        throw new AppError("exhausted", `A monitor has at most ${RULES_MAX} rules; delete some.`);
      }
      const row: RuleRow = {
        id: newId(),
        project_id: projectId,
        monitor_id: monitor.id,
        name: settings.name,
        settings: JSON.stringify(settings),
        settled_ms: -1,
        owner: ownerFor(actor, settings),
        created_by: actor.name,
        created_ms: nowMs,
        updated_ms: nowMs,
      };
      await alerts.addRule(tx, row);
      await gate.tell(tx, actor, newsOf("alert-rule.created", row));
      return ruleOf(row);
    });
  }

  async function test(actor: Actor, projectId: string, given: NewAlertRule): Promise<RuleTest> {
    await gate.admit(actor, "monitor:read", projectId);
    const { monitorId, ...rule } = given;
    const monitor = found(
      await queries.monitorByIdOrName(db.reader, projectId, monitorId),
      `monitor ${monitorId}`,
    );
    await check(db.reader, monitor, rule);
    const watched = settingsOf(monitor).columns.map(({ name }) => name);
    const ofColumns = rule.column === undefined ? watched : [rule.column];
    const columns = segmentMetricNames.has(rule.metric) ? [""] : ofColumns;
    const at = { monitorId: monitor.id, segment: rule.segment, columns, revision: monitor.revision };
    const most = Math.min(TESTED_WINDOWS_MAX, Math.floor(TESTED_RESULTS_MAX / columns.length));
    const rows = await windows.judged(db.longReader, at, { after: -1, windows: most });
    const results = rows.map((row) => ({
      startMs: row.start_ms,
      values: metricsOf(row),
      ...(row.column_name === "" ? {} : { column: row.column_name }),
    }));
    const points = valuesFor(rule, results).reverse();
    return { points, incidents: replay(rule, points) };
  }

  async function replace(
    actor: Actor,
    at: { projectId: string; rule: string },
    settings: RuleSettings,
  ): Promise<AlertRule> {
    await gate.admit(actor, "monitor:write", at.projectId);
    await mayAct(actor, at.projectId, settings);
    return unlessTaken(settings.name, async (tx) => {
      const row = found(await alerts.rule(tx, at.projectId, at.rule), `alert rule ${at.rule}`);
      await check(tx, await held(tx, at.projectId, row.monitor_id), settings);
      const changes = {
        name: settings.name,
        settings: JSON.stringify(settings),
        owner: ownerFor(actor, settings),
        updated_ms: clock.now(),
      };
      await alerts.changeRule(tx, row.id, changes);
      const changed = { ...row, ...changes };
      await gate.tell(tx, actor, newsOf("alert-rule.updated", changed));
      return ruleOf(changed);
    });
  }

  async function remove(actor: Actor, projectId: string, id: string): Promise<void> {
    await gate.admit(actor, "monitor:write", projectId);
    await db.transaction(async (tx) => {
      const row = found(await alerts.rule(tx, projectId, id), `alert rule ${id}`);
      await alerts.removeRule(tx, id);
      await gate.tell(tx, actor, newsOf("alert-rule.deleted", row));
    });
  }

  /** Nobody starts by a rule what they may not start by hand. */
  async function mayAct(actor: Actor, projectId: string, { action }: RuleSettings): Promise<void> {
    if (action !== undefined) await access.require(actor, "pipeline:write", { kind: "project", projectId });
  }

  /** The monitor, which nobody else changes until the transaction ends. */
  async function held(tx: Tx, projectId: string, monitorId: string): Promise<MonitorRow> {
    const named = found(await queries.monitorByIdOrName(tx, projectId, monitorId), `monitor ${monitorId}`);
    return found(await queries.monitorToChange(tx, named.id), `monitor ${monitorId}`);
  }

  /** Checks a rule against its monitor and its project. */
  async function check(tx: Tx, monitor: MonitorRow, settings: RuleSettings): Promise<void> {
    const { metric, segment, column, channels } = settings;
    if (column !== undefined && segmentMetricNames.has(metric)) {
      throw new AppError("invalid", `${metric} is about a segment as a whole; leave the column out.`, {
        at: "body.column",
      });
    }
    if (!hysteresisHolds(settings)) {
      throw new AppError("invalid", "The clear threshold must lie on the good side of the threshold.", {
        at: "body.clearThreshold",
      });
    }
    checkPlace(monitor, { segment, column: column ?? "" });
    const known = new Set((await alerts.channels(tx, monitor.project_id, channels)).map(({ id }) => id));
    const unknown = channels.find((id) => !known.has(id));
    if (unknown !== undefined) found(undefined, `alert channel ${unknown}`);
  }

  async function unlessTaken<T>(name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await db.transaction(work);
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      const details = { at: "body.name", reason: "already_exists" };
      throw new AppError("conflict", `The monitor has a rule ${name} already; choose another name.`, details);
    }
  }
}

function ownerFor(actor: Actor, { action }: RuleSettings): string {
  return action === undefined ? "" : ownerOf(actor);
}

function newsOf(action: string, row: RuleRow) {
  const resource = { type: "alert-rule", id: row.id, name: row.name };
  return { action, projectId: row.project_id, resource, details: { monitorId: row.monitor_id } };
}
