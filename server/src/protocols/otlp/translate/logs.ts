import type { LogLevel } from "@atrium/contract/telemetry";
import type { LogRecord } from "../wire/messages.ts";
import { plainAttributes, plainValue, textOf } from "./attributes.ts";

const NS_A_MS = 1_000_000n;
const LEVELS_BY_TEXT: Record<string, LogLevel> = {
  trace: "debug",
  debug: "debug",
  info: "info",
  notice: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  err: "error",
  critical: "error",
  fatal: "error",
};

/** A line of the log, without its project. */
export interface LogLineGiven {
  atMs: number | undefined;
  level: LogLevel;
  message: string;
  labels: Record<string, string>;
  fields: Record<string, unknown>;
}

/** @remarks Wire format: opentelemetry/proto/logs/v1/logs.proto, message LogRecord. */
export function translateLog(
  record: LogRecord,
  from: { labels: Record<string, string>; fields: Record<string, unknown> },
): LogLineGiven {
  const { traceId, spanId, severityText, eventName } = record;
  const atNs = record.timeUnixNano || record.observedTimeUnixNano;
  const body = plainValue(record.body);
  return {
    atMs: atNs === undefined ? undefined : Number(atNs / NS_A_MS),
    level: levelOf(record),
    message: body === null ? (eventName ?? "") : textOf(body),
    labels: traceId ? { ...from.labels, trace: traceId } : from.labels,
    fields: {
      ...(spanId ? { spanId } : {}),
      ...(severityText ? { severity: severityText } : {}),
      ...(eventName && body !== null ? { event: eventName } : {}),
      ...plainAttributes(record.attributes),
      ...from.fields,
    },
  };
}

/** Numbers come in fours: TRACE from 1, DEBUG from 5, INFO from 9, WARN from 13, ERROR from 17, FATAL from 21. */
function levelOf({ severityNumber = 0, severityText = "" }: LogRecord): LogLevel {
  if (severityNumber >= 17) return "error";
  if (severityNumber >= 13) return "warn";
  if (severityNumber >= 9) return "info";
  if (severityNumber >= 1) return "debug";
  return LEVELS_BY_TEXT[severityText.toLowerCase()] ?? "info";
}
