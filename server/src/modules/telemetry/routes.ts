import { telemetryApi } from "@atrium/contract/telemetry";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { LogScope, Telemetry } from "./door.ts";
import { streamLines, type TailOptions } from "./tail.ts";

const INSTANCE: LogScope = { kind: "instance" };

/** Our own API of logs, metrics and traces. `options` say when a stream must end although its reader still listens. */
export function telemetryRoutes(serve: Serve<Actor>, telemetry: Telemetry, options: TailOptions): void {
  serve(telemetryApi.searchLogs, ({ actor, projectId, query }) =>
    telemetry.searchLogs(actor, { kind: "project", projectId }, query),
  );
  serve(telemetryApi.logHistogram, ({ actor, projectId, query }) =>
    telemetry.logHistogram(actor, { kind: "project", projectId }, query),
  );
  serve(telemetryApi.logLabelValues, async ({ actor, projectId, query }) => ({
    items: await telemetry.logLabelValues(actor, { kind: "project", projectId }, query),
  }));
  serve(telemetryApi.tailLogs, ({ actor, projectId, query, request, reply }) =>
    streamLines({ request, reply }, options, (listener) =>
      telemetry.followLogs(actor, { kind: "project", projectId }, { ...query, listener }),
    ),
  );

  serve(telemetryApi.searchInstanceLogs, ({ actor, query }) => telemetry.searchLogs(actor, INSTANCE, query));
  serve(telemetryApi.instanceLogHistogram, ({ actor, query }) =>
    telemetry.logHistogram(actor, INSTANCE, query),
  );
  serve(telemetryApi.instanceLogLabelValues, async ({ actor, query }) => ({
    items: await telemetry.logLabelValues(actor, INSTANCE, query),
  }));
  serve(telemetryApi.tailInstanceLogs, ({ actor, query, request, reply }) =>
    streamLines({ request, reply }, options, (listener) =>
      telemetry.followLogs(actor, INSTANCE, { ...query, listener }),
    ),
  );

  serve(telemetryApi.metricSeries, async ({ actor, query }) => ({
    items: await telemetry.metricSeries(actor, INSTANCE, query),
  }));
  serve(telemetryApi.metricRange, async ({ actor, query }) => ({
    items: await telemetry.metricRange(actor, INSTANCE, query),
  }));
  serve(telemetryApi.projectMetricSeries, async ({ actor, projectId, query }) => ({
    items: await telemetry.metricSeries(actor, { kind: "project", projectId }, query),
  }));
  serve(telemetryApi.projectMetricRange, async ({ actor, projectId, query }) => ({
    items: await telemetry.metricRange(actor, { kind: "project", projectId }, query),
  }));

  serve(telemetryApi.searchTraces, ({ actor, projectId, query }) =>
    telemetry.searchTraces(actor, projectId, query),
  );
  serve(telemetryApi.traceLabelValues, async ({ actor, projectId, query }) => ({
    items: await telemetry.traceLabelValues(actor, projectId, query),
  }));
  serve(telemetryApi.trace, ({ actor, projectId, params }) =>
    telemetry.trace(actor, projectId, params.trace),
  );
}
