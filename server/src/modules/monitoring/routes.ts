import { monitoringApi } from "@atrium/contract/monitoring";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Monitoring } from "./door.ts";

/** Our own API of monitoring. */
export function monitoringRoutes(serve: Serve<Actor>, monitoring: Monitoring): void {
  monitorRoutes(serve, monitoring);
  alertRoutes(serve, monitoring);
  channelRoutes(serve, monitoring);
}

function monitorRoutes(serve: Serve<Actor>, { monitors, charts }: Monitoring): void {
  serve(monitoringApi.listMonitors, ({ actor, projectId, query }) => monitors.list(actor, projectId, query));
  serve(monitoringApi.createMonitor, ({ actor, projectId, body }) => monitors.create(actor, projectId, body));
  serve(monitoringApi.getMonitor, ({ actor, projectId, params }) =>
    monitors.get(actor, projectId, params.monitor),
  );
  serve(monitoringApi.updateMonitor, ({ actor, projectId, params, body }) =>
    monitors.update(actor, { projectId, ...params }, body),
  );
  serve(monitoringApi.deleteMonitor, async ({ actor, projectId, params }) => {
    await monitors.delete(actor, projectId, params.monitor);
    return {};
  });
  serve(monitoringApi.runMonitor, ({ actor, projectId, params, body }) =>
    monitors.run(actor, { projectId, ...params }, body.windows),
  );
  serve(monitoringApi.listWindows, ({ actor, projectId, params, query }) =>
    charts.windows(actor, { projectId, ...params }, query),
  );
  serve(monitoringApi.getWindow, ({ actor, projectId, params }) =>
    charts.window(actor, { projectId, monitor: params.monitor }, params.startMs),
  );
  serve(monitoringApi.monitorSeries, ({ actor, projectId, params, query }) =>
    charts.series(actor, { projectId, ...params }, query),
  );
  serve(monitoringApi.monitorDistribution, ({ actor, projectId, params, query }) =>
    charts.distribution(actor, { projectId, ...params }, query),
  );
}

function alertRoutes(serve: Serve<Actor>, { rules, incidents }: Monitoring): void {
  serve(monitoringApi.listRules, ({ actor, projectId, query }) => rules.list(actor, projectId, query));
  serve(monitoringApi.createRule, ({ actor, projectId, body }) => rules.create(actor, projectId, body));
  serve(monitoringApi.testRule, ({ actor, projectId, body }) => rules.test(actor, projectId, body));
  serve(monitoringApi.replaceRule, ({ actor, projectId, params, body }) =>
    rules.replace(actor, { projectId, ...params }, body),
  );
  serve(monitoringApi.deleteRule, async ({ actor, projectId, params }) => {
    await rules.delete(actor, projectId, params.rule);
    return {};
  });

  serve(monitoringApi.listIncidents, ({ actor, projectId, query }) =>
    incidents.list(actor, projectId, query),
  );
  serve(monitoringApi.getIncident, ({ actor, projectId, params }) =>
    incidents.get(actor, projectId, params.incident),
  );
  serve(monitoringApi.acknowledgeIncident, ({ actor, projectId, params, body }) =>
    incidents.acknowledge(actor, { projectId, ...params }, body.note),
  );
  serve(monitoringApi.resolveIncident, ({ actor, projectId, params, body }) =>
    incidents.resolve(actor, { projectId, ...params }, body.note),
  );
  serve(monitoringApi.listSilences, ({ actor, projectId, query }) =>
    incidents.listSilences(actor, projectId, query),
  );
  serve(monitoringApi.createSilence, ({ actor, projectId, body }) =>
    incidents.createSilence(actor, projectId, body),
  );
  serve(monitoringApi.endSilence, ({ actor, projectId, params }) =>
    incidents.endSilence(actor, projectId, params.silence),
  );
}

function channelRoutes(serve: Serve<Actor>, { channels }: Monitoring): void {
  serve(monitoringApi.listChannels, ({ actor, projectId, query }) => channels.list(actor, projectId, query));
  serve(monitoringApi.createChannel, ({ actor, projectId, body }) => channels.create(actor, projectId, body));
  serve(monitoringApi.replaceChannel, ({ actor, projectId, params, body }) =>
    channels.replace(actor, { projectId, ...params }, body),
  );
  serve(monitoringApi.deleteChannel, async ({ actor, projectId, params }) => {
    await channels.delete(actor, projectId, params.channel);
    return {};
  });
  serve(monitoringApi.testChannel, ({ actor, projectId, params }) =>
    channels.test(actor, projectId, params.channel),
  );
  serve(monitoringApi.listDeliveries, ({ actor, projectId, query }) =>
    channels.deliveries(actor, projectId, query),
  );
  serve(monitoringApi.retryDelivery, ({ actor, projectId, params }) =>
    channels.retry(actor, projectId, params.delivery),
  );
}
