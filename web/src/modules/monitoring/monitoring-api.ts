import type {
  AlertRule,
  Channel,
  Delivery,
  Incident,
  Monitor,
  MonitorWindow,
  monitoringApi,
  NewAlertRule,
  Silence,
} from "@atrium/contract/monitoring";
import type { servingApi } from "@atrium/contract/serving";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { operation, useApi, usePages } from "../../lib/api.ts";

type Api = typeof monitoringApi;

export const listMonitors = operation<Api["listMonitors"]>("GET /monitors");
export const createMonitor = operation<Api["createMonitor"]>("POST /monitors");
const getMonitor = operation<Api["getMonitor"]>("GET /monitors/:monitor");
export const updateMonitor = operation<Api["updateMonitor"]>("PATCH /monitors/:monitor");
export const deleteMonitor = operation<Api["deleteMonitor"]>("DELETE /monitors/:monitor");
export const runMonitor = operation<Api["runMonitor"]>("POST /monitors/:monitor/run");
const listWindows = operation<Api["listWindows"]>("GET /monitors/:monitor/windows");
const getWindow = operation<Api["getWindow"]>("GET /monitors/:monitor/windows/:startMs");
export const readSeries = operation<Api["monitorSeries"]>("GET /monitors/:monitor/series");
const readDistribution = operation<Api["monitorDistribution"]>(
  "GET /monitors/:monitor/windows/:startMs/distribution",
);
const listRules = operation<Api["listRules"]>("GET /alert-rules");
export const createRule = operation<Api["createRule"]>("POST /alert-rules");
export const testRule = operation<Api["testRule"]>("POST /alert-rules/test");
export const replaceRule = operation<Api["replaceRule"]>("PUT /alert-rules/:rule");
export const deleteRule = operation<Api["deleteRule"]>("DELETE /alert-rules/:rule");
const listIncidents = operation<Api["listIncidents"]>("GET /incidents");
const getIncident = operation<Api["getIncident"]>("GET /incidents/:incident");
export const acknowledgeIncident = operation<Api["acknowledgeIncident"]>(
  "POST /incidents/:incident/acknowledge",
);
export const resolveIncident = operation<Api["resolveIncident"]>("POST /incidents/:incident/resolve");
const listSilences = operation<Api["listSilences"]>("GET /silences");
export const createSilence = operation<Api["createSilence"]>("POST /silences");
export const endSilence = operation<Api["endSilence"]>("DELETE /silences/:silence");
const listChannels = operation<Api["listChannels"]>("GET /alert-channels");
export const createChannel = operation<Api["createChannel"]>("POST /alert-channels");
export const replaceChannel = operation<Api["replaceChannel"]>("PUT /alert-channels/:channel");
export const deleteChannel = operation<Api["deleteChannel"]>("DELETE /alert-channels/:channel");
export const testChannel = operation<Api["testChannel"]>("POST /alert-channels/:channel/test");
const listDeliveries = operation<Api["listDeliveries"]>("GET /alert-deliveries");
export const retryDelivery = operation<Api["retryDelivery"]>("POST /alert-deliveries/:delivery/retry");

/** Parts of the reads that a change in this room makes old. */
export const MONITORING_READS = [
  "/monitors",
  "/alert-rules",
  "/incidents",
  "/silences",
  "/alert-channels",
  "/alert-deliveries",
] as const;

const NONE: never[] = [];
// A project has at most 200 monitors and 100 channels, a monitor 100 rules: one page holds them all.
const ALL = 500;
const WINDOWS_A_PAGE = 200;

/** One monitor, by its id, as screens pass it on. */
export interface MonitorAt {
  project: string;
  monitor: string;
}

type Pages<T> = { pages: readonly { items: readonly T[] }[] } | undefined;

function useRows<T>(data: Pages<T>): readonly T[] {
  return useMemo(() => data?.pages.flatMap((page) => page.items) ?? NONE, [data]);
}

export function useMonitors(project: string) {
  const pages = usePages(listMonitors, { project, query: { pageSize: ALL } });
  return { ...pages, rows: useRows<Monitor>(pages.data) };
}

export function useMonitor({ project, monitor }: MonitorAt) {
  return useApi(getMonitor, { project, params: { monitor } });
}

export function useWindows({ project, monitor }: MonitorAt) {
  const pages = usePages(listWindows, { project, params: { monitor }, query: { pageSize: WINDOWS_A_PAGE } });
  return { ...pages, rows: useRows<MonitorWindow>(pages.data) };
}

export function useWindow({ project, monitor }: MonitorAt, startMs: number | undefined) {
  return useApi(
    getWindow,
    { project, params: { monitor, startMs: startMs ?? 0 } },
    { enabled: startMs !== undefined, placeholderData: (before) => before },
  );
}

export interface Place {
  segment: string;
  /** Absent for what is about the segment as a whole. */
  column?: string | undefined;
}

export function useSeries({ project, monitor }: MonitorAt, { segment, column }: Place) {
  return useApi(readSeries, {
    project,
    params: { monitor },
    query: { segment, ...(column === undefined ? {} : { column }) },
  });
}

export function useDistribution(
  { project, monitor }: MonitorAt,
  at: { startMs: number; column: string; segment: string },
) {
  const { startMs, ...query } = at;
  return useApi(
    readDistribution,
    { project, params: { monitor, startMs }, query },
    { placeholderData: (before) => before },
  );
}

export function useRules(project: string, monitorId?: string) {
  const of = monitorId === undefined ? {} : { monitorId };
  const pages = usePages(listRules, { project, query: { pageSize: ALL, ...of } });
  return { ...pages, rows: useRows<AlertRule>(pages.data) };
}

/** What a rule would have done; the windows of its monitor make it old. */
export function useTrial(project: string, body: NewAlertRule) {
  return useQuery({
    // Read again with all that belongs to the monitor's windows, whose routes it is named like.
    queryKey: [`/monitors ${testRule.route}`, { project, body }],
    queryFn: ({ signal }) => testRule({ project, body }, signal),
  });
}

export type IncidentState = "unresolved" | Incident["state"];

export function useIncidents(
  project: string,
  asked: { monitorId?: string | undefined; state?: IncidentState | undefined },
) {
  const { monitorId, state } = asked;
  const pages = usePages(listIncidents, {
    project,
    query: { ...(monitorId ? { monitorId } : {}), ...(state ? { state } : {}) },
  });
  return { ...pages, rows: useRows<Incident>(pages.data) };
}

export function useIncident(project: string, incident: string) {
  return useApi(getIncident, { project, params: { incident } });
}

export function useSilences(project: string, ended: "left out" | "included") {
  const pages = usePages(listSilences, { project, query: { ended } });
  return { ...pages, rows: useRows<Silence>(pages.data) };
}

export function useChannels(project: string) {
  const pages = usePages(listChannels, { project, query: { pageSize: ALL } });
  return { ...pages, rows: useRows<Channel>(pages.data) };
}

export function useDeliveries(project: string, of: { channelId?: string; incidentId?: string }) {
  const pages = usePages(listDeliveries, { project, query: of });
  return { ...pages, rows: useRows<Delivery>(pages.data) };
}

const listEndpoints = operation<(typeof servingApi)["listEndpoints"]>("GET /endpoints");
const getEndpoint = operation<(typeof servingApi)["getEndpoint"]>("GET /endpoints/:endpoint");

/** Names of the endpoints that could be watched. */
export function useEndpointNames(project: string, when: "read" | "wait"): readonly string[] {
  const pages = usePages(listEndpoints, { project, query: { pageSize: ALL } }, when === "read");
  return useMemo(
    () => pages.data?.pages.flatMap((page) => page.items.map(({ name }) => name)) ?? NONE,
    [pages.data],
  );
}

export function useEndpoint(project: string, endpoint: string) {
  return useApi(getEndpoint, { project, params: { endpoint } });
}
