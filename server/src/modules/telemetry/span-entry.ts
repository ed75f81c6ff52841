import type { Span } from "@atrium/contract/telemetry";
import type { KeptLine } from "./log-writer.ts";
import type { SpanEntry } from "./signals.ts";

const NS_A_MS = 1_000_000n;
const EVENTS_MAX = 128; // The senders' own usual limit; a span is read by people.
const LINKS_MAX = 128;

/** A span as the line that keeps it: found by time, level and labels like any other, the rest beside its name. */
export function lineOfSpan(projectId: string, span: SpanEntry): KeptLine {
  const { traceId, spanId, parentSpanId, startNs } = span;
  const durationNs = span.endNs > startNs ? span.endNs - startNs : 0n;
  const fields = {
    // In the order in which they are wanted when a span is too large to be kept whole.
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    kind: span.kind,
    startNs: String(startNs),
    durationNs: Number(durationNs),
    status: span.status,
    ...(span.statusMessage === "" ? {} : { statusMessage: span.statusMessage }),
    ...(Object.keys(span.attributes).length === 0 ? {} : { attributes: span.attributes }),
    ...(span.events.length === 0
      ? {}
      : {
          events: span.events.slice(0, EVENTS_MAX).map(({ name, atNs, attributes }) => ({
            name,
            atMs: millisecondsOf(atNs),
            attributes,
          })),
        }),
    ...(span.links.length === 0 ? {} : { links: span.links.slice(0, LINKS_MAX) }),
  };
  return {
    entry: {
      projectId,
      atMs: Number(startNs / NS_A_MS),
      level: span.status === "error" ? "error" : "info",
      message: span.name,
      labels: span.labels,
      fields,
    },
    span: { traceId, endMs: Number((startNs + durationNs) / NS_A_MS) },
  };
}

/** Reads a span back. */
export function spanOfLine(line: {
  message: string;
  labels: Record<string, string>;
  fields: Record<string, unknown>;
}): Span {
  const { message: name, labels, fields } = line;
  const text = (key: string): string => (typeof fields[key] === "string" ? fields[key] : "");
  const list = <T>(key: string): T[] => (Array.isArray(fields[key]) ? (fields[key] as T[]) : []);
  return {
    traceId: text("traceId"),
    spanId: text("spanId"),
    ...(fields.parentSpanId === undefined ? {} : { parentSpanId: text("parentSpanId") }),
    name,
    kind: text("kind") as Span["kind"],
    startMs: millisecondsOf(BigInt(text("startNs") || "0")),
    durationMs: Number(fields.durationNs ?? 0) / 1e6,
    status: text("status") as Span["status"],
    statusMessage: text("statusMessage"),
    labels,
    attributes: (fields.attributes ?? {}) as Record<string, unknown>,
    events: list("events"),
    links: list("links"),
  };
}

/** With a fraction; a double holds today's milliseconds to a quarter of a microsecond. */
function millisecondsOf(ns: bigint): number {
  return Number(ns / NS_A_MS) + Number(ns % NS_A_MS) / 1e6;
}
