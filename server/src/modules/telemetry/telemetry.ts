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

/** What the worker does for telemetry; `telemetryJobs` puts it on a timetable. */
export interface TelemetryKeeping {
  joinSmallLogs(signal: AbortSignal): Promise<void>;
  forgetOld(signal: AbortSignal): Promise<void>;
}

/** Opens the store of logs and metrics. Lines are taken at once; metrics are sampled after `start`. */
export function createTelemetry(deps: TelemetryDeps): Telemetry & { readonly keeping: TelemetryKeeping } {
  const { access, audit, log } = deps;
  const keys = createLogKeys(deps);
  const scanner = createScanner();
  const search = createLogSearch(deps, keys, scanner);
  const metrics = createMetricStore(deps);
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

    async metricSeries(actor, { name, labels }) {
      await mayRead(actor, { kind: "instance" }, "metrics.read");
      return metrics.series(name, labels);
    },

    async metricRange(actor, asked) {
      await mayRead(actor, { kind: "instance" }, "metrics.read");
      return metrics.range(asked);
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
      forgetOld: async (signal) => {
        await forgetOldLogs(deps, signal);
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
