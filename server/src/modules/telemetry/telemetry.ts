import type { Actor } from "#modules/identity";
import type { TelemetryDeps } from "./deps.ts";
import type { LogScope, Telemetry } from "./door.ts";
import { createLogFollow } from "./log-follow.ts";
import { forgetOldLogs, joinSmallLogs } from "./log-keeping.ts";
import { createLogKeys } from "./log-keys.ts";
import { questionOf } from "./log-range.ts";
import { createScanner } from "./log-scanner.ts";
import { createLogSearch } from "./log-search.ts";
import { createLogWriter } from "./log-writer.ts";
import { createMetricStore, SAMPLE_EVERY_MS } from "./metric-store.ts";
import { chunkPoints, forgetOldPoints } from "./project-metric-keeping.ts";
import { createProjectMetricReading } from "./project-metric-reading.ts";
import { createProjectMetrics } from "./project-metrics.ts";
import { lineOfSpan } from "./span-entry.ts";
import { createTraceSearch } from "./traces.ts";

/** What the worker does for telemetry; `telemetryJobs` puts it on a timetable. */
export interface TelemetryKeeping {
  joinSmallLogs(signal: AbortSignal): Promise<void>;
  chunkPoints(signal: AbortSignal): Promise<void>;
  forgetOld(signal: AbortSignal): Promise<void>;
}

/** Opens the store of logs, metrics and traces. Lines are taken at once; metrics are sampled after `start`. */
export function createTelemetry(deps: TelemetryDeps): Telemetry & { readonly keeping: TelemetryKeeping } {
  const { access, audit, log } = deps;
  const keys = createLogKeys(deps);
  const scanner = createScanner();
  const search = createLogSearch(deps, keys, scanner);
  const metrics = createMetricStore(deps);
  const projectMetrics = createProjectMetrics(deps, keys);
  const reading = createProjectMetricReading(deps, keys);
  const traces = createTraceSearch(deps, { keys, scanner, search });
  const follow = createLogFollow(deps, keys, (stream) => writer.owns(stream));
  const writer = createLogWriter(deps, keys, follow.publish);
  let sampling: Promise<void> = Promise.resolve();
  let sampler: NodeJS.Timeout | undefined;

  return {
    write: writer.write,
    sink: ({ atMs, level, message, labels, fields }) =>
      writer.write([{ atMs, level, message, labels, fields }]),
    get dropped() {
      return writer.dropped;
    },

    async searchLogs(actor, scope, { pageSize, pageToken, ...asked }) {
      await mayRead(actor, scope, "logs.searched");
      const page = await search.lines(await questionOf(deps, scope, asked), { pageSize, pageToken });
      return { ...page, dropped: writer.dropped };
    },

    async logHistogram(actor, scope, { buckets, ...asked }) {
      await mayRead(actor, scope, "logs.searched");
      return search.histogram(await questionOf(deps, scope, asked), buckets);
    },

    async logLabelValues(actor, scope, { label, ...asked }) {
      await mayRead(actor, scope, "logs.searched");
      return search.labelValues(await questionOf(deps, scope, asked), label);
    },

    async followLogs(actor, scope, { listener, ...asked }) {
      await mayRead(actor, scope, "logs.followed");
      const question = await questionOf(deps, scope, asked);
      const stop = follow.follow(question, listener);
      return { stop, recheck: () => require(actor, scope) };
    },

    async receiveLogs(actor, projectId, entries) {
      await mayWrite(actor, projectId, "logs.received");
      return writer.keep(entries.map((entry) => ({ entry: { ...entry, projectId } })));
    },

    async receiveSpans(actor, projectId, spans) {
      await mayWrite(actor, projectId, "traces.received");
      return writer.keep(spans.map((span) => lineOfSpan(projectId, span)));
    },

    async receiveMetrics(actor, projectId, points) {
      await mayWrite(actor, projectId, "metrics.received");
      return projectMetrics.keep(projectId, points);
    },

    recordMetrics: projectMetrics.keep,

    async searchTraces(actor, projectId, asked) {
      await mayRead(actor, { kind: "project", projectId }, "traces.searched");
      return traces.search(projectId, asked);
    },

    async traceLabelValues(actor, projectId, { label, ...asked }) {
      const scope: LogScope = { kind: "project", projectId };
      await mayRead(actor, scope, "traces.searched");
      return search.labelValues({ ...(await questionOf(deps, scope, asked)), kind: "span" }, label);
    },

    async trace(actor, projectId, traceId) {
      await mayRead(actor, { kind: "project", projectId }, "traces.read");
      return traces.trace(projectId, traceId.toLowerCase());
    },

    async metricSeries(actor, scope, asked) {
      await mayRead(actor, scope, "metrics.read");
      if (scope.kind === "project") return reading.series(scope.projectId, asked);
      return metrics.series(asked.name, asked.labels);
    },

    async metricRange(actor, scope, asked) {
      await mayRead(actor, scope, "metrics.read");
      return scope.kind === "project" ? reading.range(scope.projectId, asked) : metrics.range(asked);
    },

    async selectMetrics(actor, projectId, selection) {
      await mayRead(actor, { kind: "project", projectId }, "metrics.read");
      return reading.select(projectId, selection);
    },

    async selectSeries(actor, projectId, selection) {
      await mayRead(actor, { kind: "project", projectId }, "metrics.read");
      return reading.selectSeries(projectId, selection);
    },

    start() {
      sampler ??= setInterval(sample, SAMPLE_EVERY_MS);
      sampler.unref();
      sample();
    },

    flush: writer.flush,

    async stop() {
      clearInterval(sampler);
      follow.stop();
      await sampling;
      await writer.flush();
      await scanner.close();
    },

    keeping: {
      joinSmallLogs: (signal) => joinSmallLogs(deps, keys, signal),
      chunkPoints: (signal) => chunkPoints(deps, keys, signal),
      forgetOld: async (signal) => {
        await forgetOldLogs(deps, signal);
        await forgetOldPoints(deps, signal);
        await metrics.forgetOld(signal);
      },
    },
  };

  async function mayRead(actor: Actor, scope: LogScope, action: string): Promise<void> {
    await require(actor, scope);
    await audit.recordAccess(actor, {
      action,
      resource: { type: "telemetry", id: scope.kind === "project" ? scope.projectId : "instance" },
      ...(scope.kind === "project" ? { projectId: scope.projectId } : {}),
    });
  }

  async function mayWrite(actor: Actor, projectId: string, action: string): Promise<void> {
    await access.require(actor, "telemetry:write", { kind: "project", projectId });
    await audit.recordAccess(actor, { action, resource: { type: "telemetry", id: projectId }, projectId });
  }

  async function require(actor: Actor, scope: LogScope): Promise<void> {
    if (scope.kind === "project") return access.require(actor, "telemetry:read", scope);
    return access.require(actor, "instance:read", scope);
  }

  function sample(): void {
    sampling = sampling
      .then(metrics.sample)
      .catch((cause: unknown) => log.warn("The server's own metrics could not be stored.", { err: cause }));
  }
}
