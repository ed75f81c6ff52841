import type { samplesApi } from "@atrium/contract/samples";
import type { servingApi } from "@atrium/contract/serving";
import { operation, useApi } from "../../lib/api.ts";

type Api = typeof samplesApi;

const readProgress = operation<Api["progress"]>("GET /samples/flights");
export const startSample = operation<Api["start"]>("POST /samples/flights");
export const retrySample = operation<Api["retry"]>("POST /samples/flights/retry");
const getEndpoint = operation<(typeof servingApi)["getEndpoint"]>("GET /endpoints/:endpoint");

/** What the sample's steps make stale besides their own rooms. */
export const SAMPLE_READS = ["/samples"];

export function useSample(project: string) {
  return useApi(readProgress, { project });
}

/** A body that the endpoint answers, once the endpoint is there. */
export function useExample(project: string, endpoint: string | undefined): unknown {
  const params = { endpoint: endpoint ?? "" };
  return useApi(getEndpoint, { project, params }, { enabled: endpoint !== undefined }).data?.example;
}
