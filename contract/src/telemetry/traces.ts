import { z } from "zod";
import { endpoint } from "../http.ts";
import { labels, time } from "./fields.ts";

export const spanStatus = z.enum(["unset", "ok", "error"]);
export type SpanStatus = z.output<typeof spanStatus>;

const attributes = z.record(z.string(), z.unknown());
/** One timed piece of work. Ids are lower-case hexadecimal; `service` and what it ran for are among the labels. */
export const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  /** Absent for the span that began the trace. */
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.enum(["internal", "server", "client", "producer", "consumer", "unspecified"]),
  /** Milliseconds since 1970 UTC, with a fraction. */
  startMs: z.number(),
  durationMs: z.number(),
  status: spanStatus,
  statusMessage: z.string(),
  labels: z.record(z.string(), z.string()),
  attributes,
  events: z.array(z.object({ name: z.string(), atMs: z.number(), attributes })),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes })),
});
export type Span = z.output<typeof span>;

/** A trace in a list: the span by which it was found, and what is known of the whole. */
export const traceSummary = span
  .pick({
    traceId: true,
    spanId: true,
    name: true,
    startMs: true,
    durationMs: true,
    status: true,
    labels: true,
  })
  .extend({
    /** How many spans of the trace are stored, and how many of them failed. */
    spans: z.number().int(),
    errors: z.number().int(),
  });
export type TraceSummary = z.output<typeof traceSummary>;

const milliseconds = z.coerce.number().min(0);
const searchTracesQuery = z.object({
  /** By the start of spans: inclusive start and exclusive end, milliseconds since 1970 UTC; the last hour when not given. */
  fromMs: time.optional(),
  toMs: time.optional(),
  /** Such as `service=api,level=error`; `level` is `error` for spans that failed and `info` for all others. */
  labels,
  /** The span's whole name. */
  name: z.string().max(500).optional(),
  /** `http.route=/a,http.status_code=500`: all must be there; values are compared as text. */
  attributes: z.string().max(2000).default(""),
  /** Words that must all be somewhere in the span. */
  text: z.string().max(500).default(""),
  minDurationMs: milliseconds.optional(),
  maxDurationMs: milliseconds.optional(),
  /** Whether the span looked for must have begun its trace. */
  match: z.enum(["root", "any"]).default("root"),
  pageSize: z.coerce.number().int().min(1).max(500).default(50),
  pageToken: z.string().max(500).optional(),
});
const searchTracesAnswer = z.object({ items: z.array(traceSummary), nextToken: z.string().optional() });

/** Spans in the order of the tree: each behind its parent, siblings by their start. */
const traceAnswer = z.object({
  traceId: z.string(),
  /** `depth` counts from 0; a span whose parent is not stored stands at 0, like a root. */
  spans: z.array(span.extend({ depth: z.number().int() })),
  /** True when the trace has more spans than one answer holds. */
  cut: z.boolean(),
});

export const tracesApi = {
  searchTraces: endpoint({
    method: "GET",
    path: "/traces",
    permission: "telemetry:read",
    scope: "project",
    summary: "Traces that have a matching span, newest first.",
    query: searchTracesQuery,
    answer: searchTracesAnswer,
  }),
  traceLabelValues: endpoint({
    method: "GET",
    path: "/traces/label-values",
    permission: "telemetry:read",
    scope: "project",
    summary: "The values of one label among spans in a time range.",
    query: searchTracesQuery
      .pick({ fromMs: true, toMs: true, labels: true, text: true })
      .extend({ label: z.string().max(64) }),
    answer: z.object({ items: z.array(z.string()) }),
  }),
  trace: endpoint({
    method: "GET",
    path: "/traces/:trace",
    permission: "telemetry:read",
    scope: "project",
    summary: "One trace as a tree of spans.",
    params: z.object({ trace: z.string().regex(/^[0-9a-fA-F]{32}$/, "a trace id is 32 hexadecimal digits") }),
    answer: traceAnswer,
  }),
};
