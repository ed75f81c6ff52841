/**
 * The messages that we read, by their public field numbers.
 * @remarks Wire format: github.com/open-telemetry/opentelemetry-proto, opentelemetry/proto/{common,resource,logs,metrics,trace}/v1.
 */
import { type Message, many, manyMessages, message, messagesLater, one, oneMessage } from "./message.ts";

export interface AnyValue {
  stringValue: string | undefined;
  boolValue: boolean | undefined;
  intValue: bigint | undefined;
  doubleValue: number | undefined;
  arrayValue: { values: AnyValue[] } | undefined;
  kvlistValue: { values: KeyValue[] } | undefined;
  bytesValue: Buffer | undefined;
}
export interface KeyValue {
  key: string | undefined;
  value: AnyValue | undefined;
}

const anyValue: Message<AnyValue> = message({
  stringValue: one(1, "string"),
  boolValue: one(2, "bool"),
  intValue: one(3, "int64"),
  doubleValue: one(4, "double"),
  arrayValue: oneMessage(5, () => arrayValue),
  kvlistValue: oneMessage(6, () => keyValueList),
  bytesValue: one(7, "bytes"),
});
const arrayValue: Message<{ values: AnyValue[] }> = message({ values: manyMessages(1, () => anyValue) });
const keyValue: Message<KeyValue> = message({ key: one(1, "string"), value: oneMessage(2, () => anyValue) });
const keyValueList: Message<{ values: KeyValue[] }> = message({ values: manyMessages(1, () => keyValue) });

const attributes = (number: number) => manyMessages(number, () => keyValue);
const resource = message({ attributes: attributes(1) });
const scope = message({ name: one(1, "string"), version: one(2, "string"), attributes: attributes(3) });

const logRecord = message({
  timeUnixNano: one(1, "fixed64"),
  severityNumber: one(2, "enum"),
  severityText: one(3, "string"),
  body: oneMessage(5, () => anyValue),
  attributes: attributes(6),
  traceId: one(9, "hex"),
  spanId: one(10, "hex"),
  observedTimeUnixNano: one(11, "fixed64"),
  eventName: one(12, "string"),
});
const scopeLogs = message({
  scope: oneMessage(1, () => scope),
  logRecords: messagesLater(2, () => logRecord),
});
const resourceLogs = message({
  resource: oneMessage(1, () => resource),
  scopeLogs: manyMessages(2, () => scopeLogs),
});
export const logsRequest = message({ resourceLogs: manyMessages(1, () => resourceLogs) });

const spanEvent = message({
  timeUnixNano: one(1, "fixed64"),
  name: one(2, "string"),
  attributes: attributes(3),
});
const spanLink = message({ traceId: one(1, "hex"), spanId: one(2, "hex"), attributes: attributes(4) });
const spanStatus = message({ message: one(2, "string"), code: one(3, "enum") });
const span = message({
  traceId: one(1, "hex"),
  spanId: one(2, "hex"),
  parentSpanId: one(4, "hex"),
  name: one(5, "string"),
  kind: one(6, "enum"),
  startTimeUnixNano: one(7, "fixed64"),
  endTimeUnixNano: one(8, "fixed64"),
  attributes: attributes(9),
  events: manyMessages(11, () => spanEvent),
  links: manyMessages(13, () => spanLink),
  status: oneMessage(15, () => spanStatus),
});
const scopeSpans = message({ scope: oneMessage(1, () => scope), spans: messagesLater(2, () => span) });
const resourceSpans = message({
  resource: oneMessage(1, () => resource),
  scopeSpans: manyMessages(2, () => scopeSpans),
});
export const tracesRequest = message({ resourceSpans: manyMessages(1, () => resourceSpans) });

const numberPoint = message({
  timeUnixNano: one(3, "fixed64"),
  asDouble: one(4, "double"),
  asInt: one(6, "sfixed64"),
  attributes: attributes(7),
  flags: one(8, "uint32"),
});
const histogramPoint = message({
  timeUnixNano: one(3, "fixed64"),
  count: one(4, "fixed64"),
  sum: one(5, "double"),
  bucketCounts: many(6, "fixed64"),
  explicitBounds: many(7, "double"),
  attributes: attributes(9),
  flags: one(10, "uint32"),
});
const quantileValue = message({ quantile: one(1, "double"), value: one(2, "double") });
const summaryPoint = message({
  timeUnixNano: one(3, "fixed64"),
  count: one(4, "fixed64"),
  sum: one(5, "double"),
  quantileValues: manyMessages(6, () => quantileValue),
  attributes: attributes(7),
  flags: one(8, "uint32"),
});
/** Counted only, for we do not keep them. */
const exponentialPoint = message({ timeUnixNano: one(3, "fixed64") });
const metric = message({
  name: one(1, "string"),
  description: one(2, "string"),
  unit: one(3, "string"),
  gauge: oneMessage(5, () => message({ dataPoints: messagesLater(1, () => numberPoint) })),
  sum: oneMessage(7, () =>
    message({
      dataPoints: messagesLater(1, () => numberPoint),
      aggregationTemporality: one(2, "enum"),
      isMonotonic: one(3, "bool"),
    }),
  ),
  histogram: oneMessage(9, () =>
    message({
      dataPoints: messagesLater(1, () => histogramPoint),
      aggregationTemporality: one(2, "enum"),
    }),
  ),
  exponentialHistogram: oneMessage(10, () =>
    message({ dataPoints: messagesLater(1, () => exponentialPoint) }),
  ),
  summary: oneMessage(11, () => message({ dataPoints: messagesLater(1, () => summaryPoint) })),
});
const scopeMetrics = message({ scope: oneMessage(1, () => scope), metrics: messagesLater(2, () => metric) });
const resourceMetrics = message({
  resource: oneMessage(1, () => resource),
  scopeMetrics: manyMessages(2, () => scopeMetrics),
});
export const metricsRequest = message({ resourceMetrics: manyMessages(1, () => resourceMetrics) });

type DecodedOf<M> = M extends Message<infer T> ? T : never;
export type Attributes = readonly KeyValue[];
export type Scope = DecodedOf<typeof scope>;
export type LogRecord = DecodedOf<typeof logRecord>;
export type WireSpan = DecodedOf<typeof span>;
export type Metric = DecodedOf<typeof metric>;
export type NumberPoint = DecodedOf<typeof numberPoint>;
export type HistogramPoint = DecodedOf<typeof histogramPoint>;
export type SummaryPoint = DecodedOf<typeof summaryPoint>;
export type LogsRequest = DecodedOf<typeof logsRequest>;
export type TracesRequest = DecodedOf<typeof tracesRequest>;
export type MetricsRequest = DecodedOf<typeof metricsRequest>;
