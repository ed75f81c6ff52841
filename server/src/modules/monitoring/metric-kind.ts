import { PERFORMANCE_METRICS, TRAFFIC_METRICS } from "@atrium/contract/monitoring/metric-names";

/** Metrics of a segment as a whole; all others are about a column. */
export const segmentMetricNames: ReadonlySet<string> = new Set([...TRAFFIC_METRICS, ...PERFORMANCE_METRICS]);
