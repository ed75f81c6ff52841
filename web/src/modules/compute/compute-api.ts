import type { computeApi, Job, JobState } from "@atrium/contract/compute";
import { useMemo } from "react";
import { operation, useApi, usePages } from "../../lib/api.ts";

type Api = typeof computeApi;

const listJobs = operation<Api["listJobs"]>("GET /jobs");
const getJob = operation<Api["getJob"]>("GET /jobs/:job");
export const cancelJob = operation<Api["cancelJob"]>("POST /jobs/:job/cancel");
export const readJobLog = operation<Api["readJobLog"]>("GET /jobs/:job/log");
const listEnvironments = operation<Api["listEnvironments"]>("GET /environments");
const getTarget = operation<Api["getTarget"]>("GET /compute");

/** What a change of a job makes stale. */
export const JOB_READS = ["/jobs", "/compute"];

// A screen of rows and then some.
const PAGE = 200;
const NONE: never[] = [];

export function useJobs(project: string, asked: { state?: JobState | undefined }) {
  const query = { pageSize: PAGE, ...(asked.state ? { state: asked.state } : {}) };
  const pages = usePages(listJobs, { project, query });
  const rows = useMemo<readonly Job[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export function useJob(project: string, id: string, when: "read" | "wait" = "read") {
  return useApi(getJob, { project, params: { job: id } }, { enabled: when === "read" });
}

export function useEnvironments(project: string) {
  const pages = usePages(listEnvironments, { project, query: { pageSize: PAGE } });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? NONE, [pages.data]);
  return { ...pages, rows };
}

export function useTarget(project: string) {
  return useApi(getTarget, { project });
}

export function hasEnded(job: { state: JobState }): boolean {
  return job.state === "succeeded" || job.state === "failed" || job.state === "cancelled";
}
