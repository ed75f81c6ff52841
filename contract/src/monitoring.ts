import { channelsApi, incidentsApi, rulesApi } from "./monitoring/alerts.ts";
import { monitorsApi } from "./monitoring/monitors.ts";

export type {
  AlertRule,
  Channel,
  Delivery,
  Incident,
  NewAlertRule,
  RuleTest,
  Severity,
  Silence,
} from "./monitoring/alerts.ts";
export type { ColumnMetric, MetricValues, MonitorMetric, SegmentMetric } from "./monitoring/metrics.ts";
export type {
  Distribution,
  Monitor,
  MonitorSettings,
  MonitorWindow,
  SeriesPoint,
  WindowResult,
} from "./monitoring/monitors.ts";

/** Windows of what endpoints and datasets do, rules over them, and who is told: an operation each. */
export const monitoringApi = { ...monitorsApi, ...rulesApi, ...incidentsApi, ...channelsApi };
