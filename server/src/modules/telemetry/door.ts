import type { LogLevel, LogLine, MetricSeries, TraceSummary } from "@atrium/contract/telemetry";
import type { LogSink } from "#lib/log";
import type { Actor } from "#modules/identity";
import type { MetricPoint, MetricSelection, SpanEntry, StoredSeries, Trace, TracesAsked } from "./signals.ts";

/** One line as its writer gives it. Secrets are the writer's to leave out: text is kept as it comes. */
export interface LogEntry {
  /** Absent for lines of the instance itself. */
  projectId?: string | undefined;
  /** When it happened, milliseconds since 1970 UTC; now when not given. */
  atMs?: number | undefined;
  level: LogLevel;
  message: string;
  /** Few values that are searched by: role, run, step, endpoint. At most 16; more of them become fields. */
  labels?: Readonly<Record<string, string>> | undefined;
  fields?: Readonly<Record<string, unknown>> | undefined;
}

/** Whose lines: one project's, or all there are. */
export type LogScope = { kind: "project"; projectId: string } | { kind: "instance" };

export interface LogFilterAsked {
  fromMs?: number | undefined;
  toMs?: number | undefined;
  labels: string;
  text: string;
}

export interface LogPage {
  items: LogLine[];
  nextToken?: string;
  dropped: number;
}

export interface LogHistogram {
  stepMs: number;
  buckets: { atMs: number; counts: Partial<Record<LogLevel, number>> }[];
}

/** A stream of new lines to one listener. */
export interface Following {
  stop(): void;
  /** Asks again whether the listener may still hear them. @throws AppError */
  recheck(): Promise<void>;
}

/** Logs and metrics of everything: written by all, read by who may. */
export interface Telemetry {
  /**
   * Takes lines for storing within about a second. Returns at once and never throws: what cannot be kept (the queue is
   * full, the project is gone or over its quota) is counted in `dropped`.
   */
  write(entries: readonly LogEntry[]): void;
  /** For `log.attach`: the process's own lines. */
  readonly sink: LogSink;
  /** Lines lost before they were stored, since this process began. */
  readonly dropped: number;

  /** @throws AppError `invalid` (bad filter, range or token), `not_found`, `forbidden` */
  searchLogs(
    actor: Actor,
    scope: LogScope,
    asked: LogFilterAsked & { pageSize: number; pageToken?: string | undefined },
  ): Promise<LogPage>;
  logHistogram(
    actor: Actor,
    scope: LogScope,
    asked: LogFilterAsked & { buckets: number },
  ): Promise<LogHistogram>;
  /** At most 1,000 values, of the newest lines first. */
  logLabelValues(actor: Actor, scope: LogScope, asked: LogFilterAsked & { label: string }): Promise<string[]>;
  /** New lines, oldest first, in handfuls. @throws AppError `unavailable` when too many follow */
  followLogs(
    actor: Actor,
    scope: LogScope,
    asked: { labels: string; text: string; listener: (lines: readonly LogLine[]) => void },
  ): Promise<Following>;

  /**
   * Stores what a sender from outside brought, before it resolves; tells how much can never be stored.
   * @throws AppError `forbidden`, `not_found`, `unavailable` (try again; some may then stand twice)
   */
  receiveLogs(
    actor: Actor,
    projectId: string,
    entries: readonly Omit<LogEntry, "projectId">[],
  ): Promise<{ lost: number }>;
  receiveSpans(actor: Actor, projectId: string, spans: readonly SpanEntry[]): Promise<{ lost: number }>;
  /** @throws AppError as above, and `exhausted` when the project's quota is full */
  receiveMetrics(
    actor: Actor,
    projectId: string,
    points: readonly MetricPoint[],
  ): Promise<{ lost: number; reason?: string }>;
  /** For our own modules: stores what jobs, engines and endpoints of a project measured. */
  recordMetrics(
    projectId: string,
    points: readonly MetricPoint[],
  ): Promise<{ lost: number; reason?: string }>;

  /** @throws AppError `invalid` (bad filter, range or token), `not_found`, `forbidden` */
  searchTraces(
    actor: Actor,
    projectId: string,
    asked: TracesAsked & { pageSize: number; pageToken?: string | undefined },
  ): Promise<{ items: TraceSummary[]; nextToken?: string }>;
  /** Values of a label among spans: at most 1,000. */
  traceLabelValues(
    actor: Actor,
    projectId: string,
    asked: LogFilterAsked & { label: string },
  ): Promise<string[]>;
  /** @throws AppError `not_found` */
  trace(actor: Actor, projectId: string, traceId: string): Promise<Trace>;

  /** Series and points of a scope, averaged where there are more points than are wanted. */
  metricSeries(
    actor: Actor,
    scope: LogScope,
    asked: { name?: string | undefined; labels: string },
  ): Promise<MetricSeries[]>;
  metricRange(
    actor: Actor,
    scope: LogScope,
    asked: { name: string; labels: string; fromMs: number; toMs: number; pointsMax: number },
  ): Promise<{ series: MetricSeries; points: [atMs: number, value: number][] }[]>;
  /** Every point of the chosen series of a project, for query languages. @throws AppError `invalid` (too many) */
  selectMetrics(actor: Actor, projectId: string, selection: MetricSelection): Promise<StoredSeries[]>;
  /** The chosen series without their points, those used since `fromMs`. */
  selectSeries(
    actor: Actor,
    projectId: string,
    selection: Omit<MetricSelection, "toMs">,
  ): Promise<Omit<StoredSeries, "points">[]>;

  /** Begins to sample the process's own metrics. Lines are taken before that. */
  start(): void;
  /** Resolves when every line taken so far is stored or given up. */
  flush(): Promise<void>;
  /** Stores what is waiting and ends. */
  stop(): Promise<void>;
}
