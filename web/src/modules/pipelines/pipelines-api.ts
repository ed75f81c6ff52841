import type { PipelineRunState, pipelinesApi } from "@atrium/contract/pipelines";
import { useMemo } from "react";
import { operation, useApi, usePages } from "../../lib/api.ts";

type Api = typeof pipelinesApi;

export const listPipelines = operation<Api["listPipelines"]>("GET /pipelines");
export const createPipeline = operation<Api["createPipeline"]>("POST /pipelines");
export const deletePipeline = operation<Api["deletePipeline"]>("DELETE /pipelines/:pipeline");
const getPipeline = operation<Api["getPipeline"]>("GET /pipelines/:pipeline");
const listVersions = operation<Api["listVersions"]>("GET /pipelines/:pipeline/versions");
const getVersion = operation<Api["getVersion"]>("GET /pipelines/:pipeline/versions/:version");
const listPipelineRuns = operation<Api["listRuns"]>("GET /pipeline-runs");
export const startRun = operation<Api["startRun"]>("POST /pipeline-runs");
const getRun = operation<Api["getRun"]>("GET /pipeline-runs/:run");
const listRunEvents = operation<Api["listRunEvents"]>("GET /pipeline-runs/:run/events");
export const cancelRun = operation<Api["cancelRun"]>("POST /pipeline-runs/:run/cancel");
export const retryRun = operation<Api["retryRun"]>("POST /pipeline-runs/:run/retry");
export const archiveRun = operation<Api["archiveRun"]>("PUT /pipeline-runs/:run/archived");
export const deleteRun = operation<Api["deleteRun"]>("DELETE /pipeline-runs/:run");

/** What a change of pipelines or of their runs makes stale. */
export const PIPELINE_READS = ["/pipelines", "/pipeline-runs"];

const PAGE = 100;
const NONE: never[] = [];

export function usePipelines(project: string, text = "") {
  const pages = usePages(listPipelines, { project, query: { pageSize: PAGE, ...(text ? { text } : {}) } });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function usePipeline(project: string, id: string) {
  return useApi(getPipeline, { project, params: { pipeline: id } });
}

export function useVersions(project: string, pipeline: string, when: "read" | "wait" = "read") {
  const input = { project, params: { pipeline }, query: { pageSize: PAGE } };
  const pages = usePages(listVersions, input, when === "read");
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function useVersion(project: string, of: { pipeline: string; version: string | undefined }) {
  const params = { pipeline: of.pipeline, version: of.version ?? "" };
  return useApi(getVersion, { project, params }, { enabled: of.version !== undefined });
}

export function usePipelineRuns(
  project: string,
  asked: {
    state?: PipelineRunState | undefined;
    pipelineId?: string | undefined;
    archived?: "true" | "false";
  },
) {
  const { state, pipelineId, archived = "false" } = asked;
  const query = {
    pageSize: PAGE,
    archived,
    ...(state ? { state } : {}),
    ...(pipelineId ? { pipelineId } : {}),
  };
  const pages = usePages(listPipelineRuns, { project, query });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function usePipelineRun(project: string, id: string) {
  return useApi(getRun, { project, params: { run: id } });
}

export function useRunEvents(project: string, id: string) {
  const pages = usePages(listRunEvents, { project, params: { run: id }, query: { pageSize: PAGE } });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function isOpen(run: { state: PipelineRunState }): boolean {
  return run.state === "running" || run.state === "cancelling";
}
