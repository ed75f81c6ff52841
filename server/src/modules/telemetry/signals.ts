import type { Span } from "@atrium/contract/telemetry";
import type { LogFilterAsked } from "./door.ts";
import type { Points } from "./metric-chunk.ts";

/** One timed piece of work as its sender gives it. Ids are lower-case hexadecimal. */
export interface SpanEntry {
  traceId: string;
  spanId: string;
  parentSpanId?: string | undefined;
  name: string;
  kind: Span["kind"];
  /** Nanoseconds since 1970 UTC. */
  startNs: bigint;
  endNs: bigint;
  status: Span["status"];
  statusMessage: string;
  /** As for log lines: service, run, step, endpoint. */
  labels: Readonly<Record<string, string>>;
  attributes: Readonly<Record<string, unknown>>;
  events: readonly { name: string; atNs: bigint; attributes: Readonly<Record<string, unknown>> }[];
  links: readonly { traceId: string; spanId: string; attributes: Readonly<Record<string, unknown>> }[];
}

/** One number of one series at one moment. Names and labels follow the text exposition's rules. */
export interface MetricPoint {
  name: string;
  kind: "counter" | "gauge";
  /** As the sender says it, such as `ms`; empty when it does not. */
  unit: string;
  help: string;
  labels: Readonly<Record<string, string>>;
  atMs: number;
  value: number;
  /** An increment is added to what its counter has come to; a total, like a gauge's value, is kept as it is. */
  counts: "total" | "increment";
}

export interface TracesAsked extends LogFilterAsked {
  name?: string | undefined;
  /** `http.route=/a,http.status_code=500` */
  attributes: string;
  minDurationMs?: number | undefined;
  maxDurationMs?: number | undefined;
  match: "root" | "any";
}

/** Spans in the order of the tree. */
export interface Trace {
  traceId: string;
  spans: (Span & { depth: number })[];
  cut: boolean;
}

/** Which series and which time; both ends are inclusive. */
export interface MetricSelection {
  /** Undefined looks at all names. */
  name: string | undefined;
  matches(series: { name: string; labels: Record<string, string> }): boolean;
  fromMs: number;
  toMs: number;
}

export interface StoredSeries {
  name: string;
  kind: string;
  unit: string;
  help: string;
  labels: Record<string, string>;
  /** By time, each moment once. */
  points: Points;
}
