import type { Writable } from "node:stream";
import type { Clock } from "./clock.ts";
import { createLineWriter } from "./line-writer.ts";
import { createRedactor } from "./redact.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One thing that happened, free of secrets and personal values, at most `FIELDS_CHARACTERS_MAX` of fields. */
export interface LogRecord {
  atMs: number;
  level: LogLevel;
  message: string;
  /** Few values, known beforehand: what one searches by. */
  labels: Readonly<Record<string, string>>;
  fields: Readonly<Record<string, unknown>>;
}

/** Takes a record at once and without throwing; what it cannot keep it counts itself. */
export type LogSink = (record: LogRecord) => void;

export interface Logger {
  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** True when records of this level go anywhere; ask before making costly fields. */
  takes(level: LogLevel): boolean;
  /** The same log, with more labels and fields on every record. */
  with(labels: Record<string, string>, fields?: Record<string, unknown>): Logger;
}

/** All that most parts need of a log. */
export type Log = Pick<Logger, "warn" | "error">;

/** The log of a process. */
export interface ProcessLog extends Logger {
  /** Gives every later record to `sink` too; the answer takes it off again. */
  attach(sink: LogSink): () => void;
  /** Lines that a slow reader of our output never saw. */
  readonly lost: number;
}

export interface LogOptions {
  format: "text" | "json";
  /** What sinks get, at least. */
  level: LogLevel;
  /** What is printed, at least; `level` when not given. */
  printLevel?: LogLevel | undefined;
  stream: Writable;
  clock: Clock;
  labels?: Record<string, string>;
  /** Secrets that have no shape of their own, to be blackened wherever they stand. */
  knownSecrets?: readonly string[];
}

const FIELDS_CHARACTERS_MAX = 16 * 1024; // With the message at most 24 KiB a record: an error with its causes fits.
const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Opens the log: every record is cleaned once, before it is written or handed to anyone. */
export function createLog(options: LogOptions): ProcessLog {
  const { clock, stream } = options;
  const redactor = createRedactor(options.knownSecrets);
  const format = options.format === "json" ? asJson : asText;
  const sinks = new Set<LogSink>();
  const rank = RANK[options.level];
  const printRank = Math.max(rank, RANK[options.printLevel ?? options.level]);
  const writer = createLineWriter(stream, (count) =>
    format({
      atMs: clock.now(),
      level: "warn",
      message: `${count} log lines were lost here: the reader of this output was too slow.`,
      labels: {},
      fields: { lost: count },
    }),
  );

  function emit(context: Context, level: LogLevel, given: Given): void {
    if (RANK[level] < rank) return;
    const record: LogRecord = {
      atMs: clock.now(),
      level,
      message: redactor.text(given.message),
      labels: context.labels,
      fields: bounded(redactor.fields({ ...context.fields, ...given.fields })),
    };
    if (RANK[level] >= printRank) writer.write(format(record));
    for (const sink of sinks) sink(record);
  }

  function loggerOf(context: Context): Logger {
    const at = (level: LogLevel) => (message: string, fields?: Fields) =>
      emit(context, level, { message, fields });
    return {
      log: (level, message, fields) => emit(context, level, { message, fields }),
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      takes: (level) => RANK[level] >= rank,
      with: (labels, fields) =>
        loggerOf({
          labels: { ...context.labels, ...cleanLabels(labels, redactor.text) },
          fields: { ...context.fields, ...fields },
        }),
    };
  }

  const root = loggerOf({ labels: cleanLabels(options.labels ?? {}, redactor.text), fields: {} });
  return {
    ...root,
    get lost() {
      return writer.lost;
    },
    attach(sink) {
      sinks.add(sink);
      return () => {
        sinks.delete(sink);
      };
    },
  };
}

interface Context {
  labels: Readonly<Record<string, string>>;
  fields: Readonly<Record<string, unknown>>;
}

type Fields = Record<string, unknown>;

interface Given {
  message: string;
  fields: Fields | undefined;
}

function cleanLabels(
  labels: Record<string, string>,
  text: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, text(value)]));
}

/** Keeps fields in their order while they fit, and says how much was left out. */
function bounded(fields: Record<string, unknown>): Record<string, unknown> {
  const whole = JSON.stringify(fields);
  if (whole.length <= FIELDS_CHARACTERS_MAX) return fields;
  const kept: Record<string, unknown> = {};
  let size = 0;
  for (const [name, value] of Object.entries(fields)) {
    size += name.length + JSON.stringify(value).length + 4;
    if (size > FIELDS_CHARACTERS_MAX) break;
    kept[name] = value;
  }
  kept.cut = `[${whole.length - JSON.stringify(kept).length} characters of fields cut]`;
  return kept;
}

function asJson({ atMs, level, message, labels, fields }: LogRecord): string {
  return JSON.stringify({ time: new Date(atMs).toISOString(), level, message, ...labels, fields });
}

function asText({ atMs, level, message, labels, fields }: LogRecord): string {
  const facts = Object.entries({ ...labels, ...fields }).map(([name, value]) => ` ${name}=${inline(value)}`);
  return `${new Date(atMs).toISOString()} ${level.padEnd(5)} ${oneLine(message)}${facts.join("")}`;
}

function inline(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? oneLine(text) : JSON.stringify(text);
}

/** What was logged may come from outside: it must not forge a line or speak to a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
}
