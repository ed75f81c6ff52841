import type {
  AlertRule,
  Channel,
  Delivery,
  Incident,
  MetricValues,
  Monitor,
  MonitorSettings,
  MonitorWindow,
  Silence,
  WindowResult,
} from "@atrium/contract/monitoring";
import type { RuleSettings } from "./judgement.ts";
import { ownerName } from "./owner.ts";
import type {
  ChannelRow,
  DeliveryRow,
  IncidentRow,
  MonitorRow,
  ResultRow,
  RuleRow,
  SilenceRow,
  WindowRow,
} from "./tables.ts";

export type StoredSettings = Omit<MonitorSettings, "name" | "startMs">;
export type ChannelSettings = Pick<Channel, "kind" | "url" | "secret" | "enabled">;

/** What an incident remembers of its rule, which may change or take another name. */
export interface RememberedRule extends RuleSettings {
  monitor: string;
  /** Who answered for its action then; absent when nobody did. */
  owner?: string | undefined;
}

export function settingsOf(row: MonitorRow): StoredSettings {
  return JSON.parse(row.settings) as StoredSettings;
}

export function monitorOf(
  row: MonitorRow,
  beside: { newest: WindowRow | undefined; openIncidents: number },
): Monitor {
  const { newest, openIncidents } = beside;
  return {
    ...settingsOf(row),
    id: row.id,
    name: row.name,
    state: row.state,
    startMs: row.start_ms,
    revision: row.revision,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    openIncidents,
    ...(row.reference_revision === 0 ? {} : { referenceRows: row.reference_rows }),
    ...(newest === undefined
      ? {}
      : { lastWindow: { startMs: newest.start_ms, endMs: newest.end_ms, rows: newest.row_count } }),
    ...(row.problem === "" ? {} : { problem: row.problem }),
  };
}

export function windowOf(row: WindowRow): MonitorWindow {
  return {
    startMs: row.start_ms,
    endMs: row.end_ms,
    state: row.state,
    rows: row.row_count,
    insufficient: row.insufficient === 1,
    revision: row.revision,
    monitorRevision: row.monitor_revision,
    computedMs: row.computed_ms,
    digest: row.digest,
  };
}

export function metricsOf(row: Pick<ResultRow, "metrics">): MetricValues {
  return JSON.parse(row.metrics) as MetricValues;
}

export function resultOf(row: ResultRow): WindowResult {
  return {
    segment: row.segment,
    rows: row.row_count,
    insufficient: row.insufficient === 1,
    values: metricsOf(row),
    ...(row.column_name === "" ? {} : { column: row.column_name }),
    ...(row.sampled_rows === 0 ? {} : { sampledRows: row.sampled_rows }),
  };
}

export function rememberedRule(row: IncidentRow): RememberedRule {
  return JSON.parse(row.rule) as RememberedRule;
}

export function ruleSettingsOf(row: RuleRow): RuleSettings {
  return { ...(JSON.parse(row.settings) as RuleSettings), name: row.name };
}

export function ruleOf(row: RuleRow): AlertRule {
  return {
    ...ruleSettingsOf(row),
    id: row.id,
    monitorId: row.monitor_id,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    ...(row.owner === "" ? {} : { actsAs: ownerName(row.owner) }),
  };
}

export function incidentOf(row: IncidentRow): Incident {
  const rule = rememberedRule(row);
  return {
    id: row.id,
    ruleId: row.rule_id,
    rule: rule.name,
    monitorId: row.monitor_id,
    monitor: rule.monitor,
    state: row.state,
    severity: rule.severity,
    metric: rule.metric,
    segment: rule.segment,
    comparison: rule.comparison,
    threshold: rule.threshold,
    value: row.value,
    lastValue: row.last_value,
    windowStartMs: row.window_start_ms,
    lastWindowStartMs: row.last_window_start_ms,
    openedMs: row.opened_ms,
    note: row.note,
    ...(rule.column === undefined ? {} : { column: rule.column }),
    ...(row.acknowledged_ms === null
      ? {}
      : { acknowledgedMs: row.acknowledged_ms, acknowledgedBy: row.acknowledged_by }),
    ...(row.resolved_ms === null ? {} : { resolvedMs: row.resolved_ms }),
    ...(row.resolved_by === "" ? {} : { resolvedBy: row.resolved_by }),
    ...(row.pipeline_run_id === "" ? {} : { pipelineRunId: row.pipeline_run_id }),
  };
}

export function silenceOf(row: SilenceRow): Silence {
  return {
    id: row.id,
    matchers: JSON.parse(row.matchers) as Silence["matchers"],
    startsMs: row.starts_ms,
    endsMs: row.ends_ms,
    comment: row.comment,
    createdBy: row.created_by,
    createdMs: row.created_ms,
  };
}

export function channelSettingsOf(row: ChannelRow): ChannelSettings {
  return JSON.parse(row.settings) as ChannelSettings;
}

export function channelOf(row: ChannelRow): Channel {
  return {
    ...channelSettingsOf(row),
    id: row.id,
    name: row.name,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}

export function deliveryOf(row: DeliveryRow, channelName: string | undefined): Delivery {
  const isWebhook = row.target === "webhook";
  return {
    id: row.id,
    target: row.target,
    name: isWebhook ? (channelName ?? row.target_id) : row.target_id,
    event: row.event,
    state: row.state,
    attempts: row.attempts,
    createdMs: row.created_ms,
    ...(isWebhook ? { channelId: row.target_id } : {}),
    ...(row.incident_id === "" ? {} : { incidentId: row.incident_id }),
    ...(row.state === "pending" ? { nextTryMs: row.next_ms } : {}),
    ...(row.ended_ms === null ? {} : { endedMs: row.ended_ms }),
    ...(row.last_status === null ? {} : { lastStatus: row.last_status }),
    ...(row.last_error === "" ? {} : { lastError: row.last_error }),
  };
}
