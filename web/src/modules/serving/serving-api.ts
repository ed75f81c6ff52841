import type { EndpointStats, EndpointSummary, servingApi } from "@atrium/contract/serving";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiError, operation, useApi, usePages } from "../../lib/api.ts";
import { timeRange } from "../telemetry/log-query.ts";

type Api = typeof servingApi;

export const listEndpoints = operation<Api["listEndpoints"]>("GET /endpoints");
export const createEndpoint = operation<Api["createEndpoint"]>("POST /endpoints");
const getEndpoint = operation<Api["getEndpoint"]>("GET /endpoints/:endpoint");
export const updateEndpoint = operation<Api["updateEndpoint"]>("PATCH /endpoints/:endpoint");
export const deleteEndpoint = operation<Api["deleteEndpoint"]>("DELETE /endpoints/:endpoint");
export const deploy = operation<Api["deploy"]>("POST /endpoints/:endpoint/deployments");
export const retireDeployment = operation<Api["retireDeployment"]>(
  "DELETE /endpoints/:endpoint/deployments/:deployment",
);
export const setTraffic = operation<Api["setTraffic"]>("PUT /endpoints/:endpoint/traffic");
export const rollBack = operation<Api["rollBack"]>("POST /endpoints/:endpoint/rollback");
const listRevisions = operation<Api["listRevisions"]>("GET /endpoints/:endpoint/revisions");
export const predict = operation<Api["predict"]>("POST /endpoints/:endpoint/predict");
export const sendFeedback = operation<Api["sendFeedback"]>("POST /endpoints/:endpoint/feedback");
const listPredictions = operation<Api["listPredictions"]>("GET /endpoints/:endpoint/predictions");
const getPrediction = operation<Api["getPrediction"]>("GET /endpoints/:endpoint/predictions/:prediction");
const predictionOrigin = operation<Api["predictionOrigin"]>(
  "GET /endpoints/:endpoint/predictions/:prediction/origin",
);
const endpointStats = operation<Api["endpointStats"]>("GET /endpoints/:endpoint/stats");
const canaryVerdict = operation<Api["canaryVerdict"]>("GET /endpoints/:endpoint/canary");
const listStats = operation<Api["listStats"]>("GET /endpoint-stats");

/** Parts of the reads that a change in this room makes old. */
export const SERVING_READS = ["/endpoints", "/endpoint-stats", "/lineage", "/audit"] as const;

const PAGE = 100;
const PREDICTIONS_PAGE = 50;
const REVISIONS_PAGE = 50;
/** Enough to see a shape, few enough to be told apart in a chart of half a screen. */
const BUCKETS = 120;
const LIST_BUCKETS = 30;
export const LIST_SPAN_MS = 3_600_000;
const NONE: never[] = [];

export function useEndpoints(project: string, when: "read" | "wait" = "read") {
  const pages = usePages(listEndpoints, { project, query: { pageSize: PAGE } }, when === "read");
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function useEndpoint(project: string, endpoint: string) {
  return useApi(getEndpoint, { project, params: { endpoint } });
}

export function useRevisions(project: string, endpoint: string) {
  const pages = usePages(listRevisions, {
    project,
    params: { endpoint },
    query: { pageSize: REVISIONS_PAGE },
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function usePredictions(project: string, endpoint: string) {
  const query = { pageSize: PREDICTIONS_PAGE };
  const pages = usePages(listPredictions, { project, params: { endpoint }, query });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function usePrediction(project: string, endpoint: string, prediction: string) {
  return useApi(getPrediction, { project, params: { endpoint, prediction } }, { retry: false });
}

/** All that a prediction came of. It never changes, so it is read once. */
export function useOrigin(project: string, endpoint: string, prediction: string) {
  const input = { project, params: { endpoint, prediction } };
  return useApi(predictionOrigin, input, { retry: false, staleTime: Number.POSITIVE_INFINITY });
}

/** Read only while two deployments have traffic: else there is nothing to compare. */
export function useCanary(project: string, endpoint: string, when: "read" | "wait") {
  const input = { project, params: { endpoint } };
  return useApi(canaryVerdict, input, { enabled: when === "read", retry: false });
}

export interface RangedStats {
  range: { fromMs: number; toMs: number };
  stats: EndpointStats;
}

/** Numbers of the time that an address names. A span ends when it is read, so news brings what came since. */
export function useStats(
  project: string,
  endpoint: string,
  { span, from, to }: Readonly<Record<string, string | undefined>>,
) {
  return useQuery<RangedStats, ApiError>({
    queryKey: [endpointStats.route, { project, params: { endpoint }, span, from, to }],
    queryFn: async ({ signal }) => {
      const range = timeRange({ span, from, to }, Date.now());
      const query = { ...range, buckets: BUCKETS };
      return { range, stats: await endpointStats({ project, params: { endpoint }, query }, signal) };
    },
    placeholderData: (before) => before,
  });
}

export interface EndpointNumbers {
  stepMs: number;
  byName: ReadonlyMap<string, EndpointSummary>;
}

/** The last hour of every endpoint, in one read. */
export function useAllStats(project: string, when: "read" | "wait" = "read"): EndpointNumbers | undefined {
  const { data } = useQuery({
    queryKey: [listStats.route, { project }],
    queryFn: ({ signal }) => {
      const toMs = Date.now();
      return listStats(
        { project, query: { fromMs: toMs - LIST_SPAN_MS, toMs, buckets: LIST_BUCKETS } },
        signal,
      );
    },
    enabled: when === "read",
  });
  return useMemo(
    () => data && { stepMs: data.stepMs, byName: new Map(data.items.map((one) => [one.endpoint, one])) },
    [data],
  );
}
