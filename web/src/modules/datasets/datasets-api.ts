import type { Dataset, DatasetVersion, datasetsApi } from "@atrium/contract/datasets";
import { useMemo } from "react";
import { operation, useApi, usePages } from "../../lib/api.ts";

type Api = typeof datasetsApi;

export const listDatasets = operation<Api["list"]>("GET /datasets");
const getDataset = operation<Api["get"]>("GET /datasets/:dataset");
const listVersions = operation<Api["listVersions"]>("GET /datasets/:dataset/versions");
const getVersion = operation<Api["getVersion"]>("GET /datasets/:dataset/versions/:version");
const readProfile = operation<Api["profile"]>("GET /datasets/:dataset/versions/:version/profile");
const readChecks = operation<Api["checkResults"]>("GET /datasets/:dataset/versions/:version/checks");
const readRows = operation<Api["rows"]>("GET /datasets/:dataset/versions/:version/rows");
const compareVersions = operation<Api["compare"]>("GET /datasets/:dataset/compare");
export const updateDataset = operation<Api["update"]>("PATCH /datasets/:dataset");
export const deleteDataset = operation<Api["remove"]>("DELETE /datasets/:dataset");
export const deleteVersion = operation<Api["removeVersion"]>("DELETE /datasets/:dataset/versions/:version");
export const runChecks = operation<Api["runChecks"]>("POST /datasets/:dataset/versions/:version/checks");
export const certifyVersion = operation<Api["certify"]>(
  "PUT /datasets/:dataset/versions/:version/certification",
);
export const withdrawCertification = operation<Api["withdraw"]>(
  "DELETE /datasets/:dataset/versions/:version/certification",
);
export const queryVersion = operation<Api["query"]>("POST /datasets/:dataset/versions/:version/query");

/** Parts of the reads that a change in this room makes old. */
export const DATASET_READS = ["/datasets", "/lineage", "/audit"] as const;

/** One version, as screens pass it on. */
export interface VersionAt {
  project: string;
  dataset: string;
  version: number;
}

const NONE: never[] = [];
// A version never changes once it is ready, and its rows are never announced.
const FOR_GOOD = { staleTime: Number.POSITIVE_INFINITY };

export function useDatasets(project: string, asked: { search: string; certified?: "true" | undefined }) {
  const { search, certified } = asked;
  const pages = usePages(listDatasets, {
    project,
    query: { search, ...(certified === undefined ? {} : { certified }) },
  });
  const rows = useMemo<readonly Dataset[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export function useDataset(project: string, dataset: string) {
  return useApi(getDataset, { project, params: { dataset } });
}

export function useVersions(project: string, dataset: string) {
  const pages = usePages(listVersions, { project, params: { dataset } });
  const rows = useMemo<readonly DatasetVersion[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export function useVersion({ project, ...params }: VersionAt) {
  return useApi(getVersion, { project, params });
}

export function useProfile({ project, ...params }: VersionAt, when: "ready" | "wait" = "ready") {
  return useApi(readProfile, { project, params }, { enabled: when === "ready" });
}

export function useCheckResults({ project, ...params }: VersionAt) {
  return useApi(readChecks, { project, params });
}

export function useRows({ project, ...params }: VersionAt, query: { offset: number; limit: number }) {
  return useApi(readRows, { project, params, query }, FOR_GOOD);
}

export function useComparison(project: string, dataset: string, query: { from: number; to: number }) {
  return useApi(
    compareVersions,
    { project, params: { dataset }, query },
    { enabled: query.from > 0 && query.to > 0 },
  );
}
