import type { SpanEntry } from "#modules/telemetry";
import type { WireSpan } from "../wire/messages.ts";
import { plainAttributes } from "./attributes.ts";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
const STATUSES = ["unset", "ok", "error"] as const;
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const TIME_MAX_NS = 2n ** 63n; // The year 2262.

/**
 * A span, or in words why it cannot be kept.
 * @remarks Wire format: opentelemetry/proto/trace/v1/trace.proto, message Span.
 */
export function translateSpan(
  wire: WireSpan,
  from: { labels: Record<string, string>; fields: Record<string, unknown> },
): SpanEntry | string {
  const { traceId = "", spanId = "", parentSpanId = "", name = "", status } = wire;
  const { startTimeUnixNano: startNs = 0n, endTimeUnixNano: endNs = 0n } = wire;
  if (!TRACE_ID.test(traceId)) return "a span has no trace id of 16 bytes";
  if (!SPAN_ID.test(spanId)) return "a span has no id of 8 bytes";
  if (startNs === 0n || startNs >= TIME_MAX_NS || endNs >= TIME_MAX_NS)
    return `span '${name.slice(0, 100)}' has no start, or one beyond the year 2262`;
  return {
    traceId,
    spanId,
    ...(SPAN_ID.test(parentSpanId) ? { parentSpanId } : {}),
    name,
    kind: KINDS[wire.kind ?? 0] ?? "unspecified",
    startNs,
    endNs,
    status: STATUSES[status?.code ?? 0] ?? "unset",
    statusMessage: status?.message ?? "",
    labels: from.labels,
    attributes: { ...plainAttributes(wire.attributes), ...from.fields },
    events: wire.events.map(({ name: event = "", timeUnixNano = 0n, attributes }) => ({
      name: event,
      atNs: timeUnixNano,
      attributes: plainAttributes(attributes),
    })),
    links: wire.links.map(({ traceId: trace = "", spanId: id = "", attributes }) => ({
      traceId: trace,
      spanId: id,
      attributes: plainAttributes(attributes),
    })),
  };
}
