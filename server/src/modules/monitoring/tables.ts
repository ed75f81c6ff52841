export interface MonitoringTables {
  monitoring_monitors: MonitorRow;
  monitoring_references: ReferenceRow;
  monitoring_windows: WindowRow;
  monitoring_results: ResultRow;
  monitoring_rules: RuleRow;
  monitoring_incidents: IncidentRow;
  monitoring_silences: SilenceRow;
  monitoring_channels: ChannelRow;
  monitoring_deliveries: DeliveryRow;
}

export interface MonitorRow {
  id: string;
  project_id: string;
  name: string;
  settings: string;
  endpoint: string;
  state: "active" | "paused";
  revision: number;
  start_ms: number;
  next_ms: number;
  wake_ms: number;
  reference_revision: number;
  reference_rows: number;
  problem: string;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface ReferenceRow {
  monitor_id: string;
  column_name: string;
  profile: Buffer;
}

export interface WindowRow {
  monitor_id: string;
  start_ms: number;
  end_ms: number;
  state: "sealed" | "final";
  row_count: number;
  insufficient: number;
  revision: number;
  monitor_revision: number;
  computed_ms: number;
  labels_digest: string;
  digest: string;
}

export interface ResultRow {
  monitor_id: string;
  segment: string;
  column_name: string;
  start_ms: number;
  row_count: number;
  insufficient: number;
  sampled_rows: number;
  metrics: string;
  bins: string;
}

export interface RuleRow {
  id: string;
  project_id: string;
  monitor_id: string;
  name: string;
  settings: string;
  settled_ms: number;
  owner: string;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface IncidentRow {
  id: string;
  project_id: string;
  monitor_id: string;
  rule_id: string;
  state: "open" | "acknowledged" | "resolved";
  rule: string;
  value: number;
  last_value: number;
  window_start_ms: number;
  last_window_start_ms: number;
  opened_ms: number;
  acknowledged_ms: number | null;
  acknowledged_by: string;
  resolved_ms: number | null;
  resolved_by: string;
  note: string;
  told_ms: number | null;
  pipeline_run_id: string;
}

export interface SilenceRow {
  id: string;
  project_id: string;
  matchers: string;
  starts_ms: number;
  ends_ms: number;
  comment: string;
  created_by: string;
  created_ms: number;
}

export interface ChannelRow {
  id: string;
  project_id: string;
  name: string;
  settings: string;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface DeliveryRow {
  id: string;
  project_id: string;
  target: "webhook" | "pipeline";
  target_id: string;
  incident_id: string;
  event: string;
  body: string;
  state: "pending" | "delivered" | "failed";
  attempts: number;
  created_ms: number;
  next_ms: number;
  ended_ms: number | null;
  last_status: number | null;
  last_error: string;
}
