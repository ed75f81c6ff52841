import type {
  Entity,
  featureStoreApi,
  Materialization,
  Service,
  TrainingSet,
  View,
} from "@atrium/contract/feature-store";
import { useMemo } from "react";
import { operation, useApi, usePages } from "../../lib/api.ts";

type Api = typeof featureStoreApi;

export const listViews = operation<Api["listViews"]>("GET /features/views");
export const listServices = operation<Api["listServices"]>("GET /features/services");
const listEntities = operation<Api["listEntities"]>("GET /features/entities");
const listTrainingSets = operation<Api["listTrainingSets"]>("GET /features/training-sets");
const listMaterializations = operation<Api["listMaterializations"]>(
  "GET /features/views/:name/materializations",
);
const getView = operation<Api["getView"]>("GET /features/views/:name");
const getService = operation<Api["getService"]>("GET /features/services/:name");
const getTrainingSet = operation<Api["getTrainingSet"]>("GET /features/training-sets/:name/:number");
export const materialize = operation<Api["materialize"]>("POST /features/views/:name/materializations");
export const readView = operation<Api["readView"]>("POST /features/views/:name/values");
export const readService = operation<Api["readOnline"]>("POST /features/services/:name/values");
export const deleteView = operation<Api["deleteView"]>("DELETE /features/views/:name");
export const deleteService = operation<Api["deleteService"]>("DELETE /features/services/:name");

/** Parts of the reads that a change in this room makes old. */
export const FEATURE_READS = ["/features", "/lineage", "/audit"] as const;

const NONE: never[] = [];

/** All pages of a list as one array that stays the same while the answers do. */
function useRows<Row>(pages: { data: { pages: readonly { items: readonly Row[] }[] } | undefined }) {
  return useMemo<readonly Row[]>(() => pages.data?.pages.flatMap(({ items }) => items) ?? NONE, [pages.data]);
}

export function useViews(project: string) {
  const pages = usePages(listViews, { project });
  return { ...pages, rows: useRows<View>(pages) };
}

export function useServices(project: string) {
  const pages = usePages(listServices, { project });
  return { ...pages, rows: useRows<Service>(pages) };
}

export function useEntities(project: string) {
  const pages = usePages(listEntities, { project });
  return { ...pages, rows: useRows<Entity>(pages) };
}

export function useTrainingSets(project: string) {
  const pages = usePages(listTrainingSets, { project });
  return { ...pages, rows: useRows<TrainingSet>(pages) };
}

export function useMaterializations(project: string, name: string) {
  const pages = usePages(listMaterializations, { project, params: { name } });
  return { ...pages, rows: useRows<Materialization>(pages) };
}

export function useView(project: string, name: string, version: number | undefined) {
  return useApi(getView, { project, params: { name }, query: version === undefined ? {} : { version } });
}

export function useService(project: string, name: string, version: number | undefined) {
  return useApi(getService, { project, params: { name }, query: version === undefined ? {} : { version } });
}

export function useTrainingSet(project: string, name: string, number: number) {
  return useApi(getTrainingSet, { project, params: { name, number } });
}

/** The version that an address names; undefined for the newest. */
export function versionIn(text: string | undefined): number | undefined {
  const version = Number(text ?? "");
  return Number.isInteger(version) && version > 0 ? version : undefined;
}
