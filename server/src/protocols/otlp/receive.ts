import { AppError } from "#lib/errors";
import { createSlice } from "#lib/slice";
import type { MetricPoint, SpanEntry } from "#modules/telemetry";
import type { OtlpDeps, Sender } from "./routes.ts";
import { type LogLineGiven, translateLog } from "./translate/logs.ts";
import { translateMetric } from "./translate/metrics.ts";
import { originOf, sourceFields } from "./translate/origin.ts";
import { translateSpan } from "./translate/spans.ts";
import type { PartialSuccess } from "./wire/answer.ts";
import type { LogsRequest, MetricsRequest, TracesRequest } from "./wire/messages.ts";

type Door = OtlpDeps["telemetry"];

const RECORDS_MAX = 100_000; // Of one request: more tiny records than this in one body is no sender of telemetry.
const POINTS_MAX = 50_000; // Storing them takes some hundred milliseconds in turns; a collector's batch has 8,192.

/** Everything is translated before anything is stored, so a body that cannot be read leaves nothing behind. */
export async function receiveLogs(
  telemetry: Door,
  { actor, projectId }: Sender,
  request: LogsRequest,
): Promise<PartialSuccess | undefined> {
  const slice = createSlice();
  const lines: LogLineGiven[] = [];
  for (const { resource, scopeLogs } of request.resourceLogs) {
    const origin = originOf(resource);
    for (const { scope, logRecords } of scopeLogs) {
      const from = { labels: origin.labels, fields: sourceFields(origin, scope) };
      for (const record of logRecords) {
        await slice();
        lines.push(translateLog(record(), from));
        if (lines.length > RECORDS_MAX) throw tooMany(RECORDS_MAX, "log records");
      }
    }
  }
  const { lost } = await telemetry.receiveLogs(actor, projectId, lines);
  return lost === 0 ? undefined : { rejected: lost, message: notKept("log records") };
}

export async function receiveTraces(
  telemetry: Door,
  { actor, projectId }: Sender,
  request: TracesRequest,
): Promise<PartialSuccess | undefined> {
  const slice = createSlice();
  const spans: SpanEntry[] = [];
  const refused: string[] = [];
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const origin = originOf(resource);
    for (const { scope, spans: wireSpans } of scopeSpans) {
      const from = { labels: origin.labels, fields: sourceFields(origin, scope) };
      for (const span of wireSpans) {
        await slice();
        const translated = translateSpan(span(), from);
        if (typeof translated === "string") refused.push(translated);
        else spans.push(translated);
        if (spans.length + refused.length > RECORDS_MAX) throw tooMany(RECORDS_MAX, "spans");
      }
    }
  }
  const { lost } = await telemetry.receiveSpans(actor, projectId, spans);
  if (lost + refused.length === 0) return undefined;
  return { rejected: lost + refused.length, message: refused[0] ?? notKept("spans") };
}

export async function receiveMetrics(
  telemetry: Door,
  { actor, projectId }: Sender,
  request: MetricsRequest,
): Promise<PartialSuccess | undefined> {
  const slice = createSlice();
  const points: MetricPoint[] = [];
  const refused: string[] = [];
  for (const { resource, scopeMetrics } of request.resourceMetrics) {
    const origin = originOf(resource);
    for (const { metrics } of scopeMetrics) {
      for (const metric of metrics) {
        for (const translated of translateMetric(metric(), origin)) {
          await slice();
          if (typeof translated === "string") refused.push(translated);
          else points.push(...translated);
          if (points.length + refused.length > POINTS_MAX) throw tooMany(POINTS_MAX, "numbers");
        }
      }
    }
  }
  const { lost, reason } = await telemetry.receiveMetrics(actor, projectId, points);
  if (lost + refused.length === 0) return undefined;
  return { rejected: lost + refused.length, message: refused[0] ?? reason ?? notKept("data points") };
}

function notKept(what: string): string {
  return `Some ${what} could not be stored: they are unreadable, or the project is full.`;
}

function tooMany(most: number, what: string): AppError {
  return new AppError("invalid", `The request has more than ${most} ${what}; send smaller batches.`, {
    at: "body",
    reason: "too_large",
  });
}
