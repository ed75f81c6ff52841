import { newId } from "#lib/ids";
import { SYSTEM } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { MonitoringDeps } from "./deps.ts";
import type { Gate } from "./gate.ts";
import { judge, valuesFor, type WindowValue } from "./judgement.ts";
import { segmentMetricNames } from "./metric-kind.ts";
import * as alerts from "./queries/alerts.ts";
import * as windows from "./queries/windows.ts";
import type { IncidentRow, MonitorRow, RuleRow } from "./tables.ts";
import type { Telling } from "./telling.ts";
import { metricsOf, rememberedRule, ruleSettingsOf, settingsOf } from "./view.ts";

const WITHOUT_NUMBER_MAX = 200; // Windows in a row that may wait for labels, or be too small, before a rule sees nothing.

export type Judging = ReturnType<typeof createJudging>;

/** Looks with every rule of a monitor at its newest windows, and opens and resolves incidents. */
export function createJudging(deps: Pick<MonitoringDeps, "clock">, gate: Gate, telling: Telling) {
  const { clock } = deps;
  return { judgeRules };

  /** In the transaction that stored a window: an incident stands if and only if the window does. */
  async function judgeRules(tx: Tx, monitor: MonitorRow): Promise<void> {
    for (const row of await alerts.rulesOf(tx, monitor.id)) {
      if (ruleSettingsOf(row).enabled) await judgeRule(tx, monitor, row);
    }
  }

  async function judgeRule(tx: Tx, monitor: MonitorRow, row: RuleRow): Promise<void> {
    const rule = ruleSettingsOf(row);
    const values = await valuesOf(tx, monitor, row);
    const newest = values[0];
    const standing = await alerts.standingIncident(tx, row.id);
    if (newest === undefined) return;
    const verdict = judge(rule, values);
    if (standing === undefined) {
      if (verdict === "breach") await open(tx, { monitor, row, newest });
      return;
    }
    const seen = { last_value: newest.value, last_window_start_ms: newest.startMs };
    await alerts.changeIncident(tx, standing.id, seen);
    if (verdict === "clear") await resolve(tx, { ...standing, ...seen });
  }

  async function valuesOf(tx: Tx, monitor: MonitorRow, row: RuleRow): Promise<WindowValue[]> {
    const rule = ruleSettingsOf(row);
    const watched = settingsOf(monitor).columns.map(({ name }) => name);
    const ofColumns = rule.column === undefined ? watched : [rule.column];
    const isOfSegment = segmentMetricNames.has(rule.metric);
    const at = {
      monitorId: monitor.id,
      segment: rule.segment,
      columns: isOfSegment ? [""] : ofColumns,
      revision: monitor.revision,
    };
    const count = rule.windows + (isOfSegment ? WITHOUT_NUMBER_MAX : 0);
    const rows = await windows.judged(tx, at, { after: row.settled_ms, windows: count });
    return valuesFor(
      rule,
      rows.map((one) => ({ startMs: one.start_ms, values: metricsOf(one) })),
    );
  }

  async function open(tx: Tx, of: { monitor: MonitorRow; row: RuleRow; newest: WindowValue }): Promise<void> {
    const { monitor, row, newest } = of;
    const rule = ruleSettingsOf(row);
    const incident: IncidentRow = {
      id: newId(),
      project_id: monitor.project_id,
      monitor_id: monitor.id,
      rule_id: row.id,
      state: "open",
      rule: JSON.stringify({
        ...rule,
        monitor: monitor.name,
        ...(row.owner === "" ? {} : { owner: row.owner }),
      }),
      value: newest.value,
      last_value: newest.value,
      window_start_ms: newest.startMs,
      last_window_start_ms: newest.startMs,
      opened_ms: clock.now(),
      acknowledged_ms: null,
      acknowledged_by: "",
      resolved_ms: null,
      resolved_by: "",
      note: "",
      told_ms: null,
      pipeline_run_id: "",
    };
    await alerts.addIncident(tx, incident);
    await telling.tellOpened(tx, incident);
    await gate.tell(tx, SYSTEM, newsOf("incident.opened", incident));
  }

  async function resolve(tx: Tx, incident: IncidentRow): Promise<void> {
    const ended: IncidentRow = { ...incident, state: "resolved", resolved_ms: clock.now() };
    await alerts.changeIncident(tx, incident.id, { state: "resolved", resolved_ms: ended.resolved_ms });
    await alerts.changeRule(tx, incident.rule_id, { settled_ms: incident.last_window_start_ms });
    await telling.tellResolved(tx, ended);
    await gate.tell(tx, SYSTEM, newsOf("incident.resolved", ended));
  }
}

/** What the trail and the live stream hear of an incident; its event also names the pipeline that it should start. */
export function newsOf(action: string, incident: IncidentRow) {
  const rule = rememberedRule(incident);
  return {
    action,
    projectId: incident.project_id,
    resource: { type: "incident", id: incident.id, name: rule.name },
    details: {
      monitorId: incident.monitor_id,
      monitor: rule.monitor,
      ruleId: incident.rule_id,
      severity: rule.severity,
      metric: rule.metric,
      segment: rule.segment,
      windowStartMs: incident.window_start_ms,
      ...(rule.column === undefined ? {} : { column: rule.column }),
    },
    ...(rule.action === undefined || action !== "incident.opened" ? {} : { event: { action: rule.action } }),
  };
}
