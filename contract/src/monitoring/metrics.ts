import { z } from "zod";
import { DRIFT_METRICS, PERFORMANCE_METRICS, QUALITY_METRICS, TRAFFIC_METRICS } from "./metric-names.ts";

const COLUMN_METRICS = [...DRIFT_METRICS, ...QUALITY_METRICS] as const;
const SEGMENT_METRICS = [...TRAFFIC_METRICS, ...PERFORMANCE_METRICS] as const;

/** Metrics of a column; all others belong to a segment as a whole. */
export const columnMetric = z.enum(COLUMN_METRICS);
export const segmentMetric = z.enum(SEGMENT_METRICS);
export const monitorMetric = z.enum([...COLUMN_METRICS, ...SEGMENT_METRICS]);
export type ColumnMetric = z.output<typeof columnMetric>;
export type SegmentMetric = z.output<typeof segmentMetric>;
export type MonitorMetric = z.output<typeof monitorMetric>;

/** By name; what could not be computed is not there. */
export const metricValues = z.partialRecord(monitorMetric, z.number());
export type MetricValues = z.output<typeof metricValues>;
