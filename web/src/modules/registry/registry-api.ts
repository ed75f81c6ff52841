import type {
  ModelVersion,
  ModelWebhook,
  RegisteredModel,
  registryApi,
  WebhookDelivery,
} from "@atrium/contract/registry";
import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { operation, queryKey, useApi, usePages } from "../../lib/api.ts";

type Api = typeof registryApi;

const listModels = operation<Api["listModels"]>("GET /models");
const getModel = operation<Api["getModel"]>("GET /models/:model");
const listVersions = operation<Api["listVersions"]>("GET /models/:model/versions");
const getVersion = operation<Api["getVersion"]>("GET /models/:model/versions/:version");
const aliasHistory = operation<Api["aliasHistory"]>("GET /models/:model/alias-history");
export const createModel = operation<Api["createModel"]>("POST /models");
export const updateModel = operation<Api["updateModel"]>("PATCH /models/:model");
export const deleteModel = operation<Api["deleteModel"]>("DELETE /models/:model");
export const createVersion = operation<Api["createVersion"]>("POST /models/:model/versions");
export const updateVersion = operation<Api["updateVersion"]>("PATCH /models/:model/versions/:version");
export const deleteVersion = operation<Api["deleteVersion"]>("DELETE /models/:model/versions/:version");
export const setAlias = operation<Api["setAlias"]>("PUT /models/:model/aliases/:alias");
export const deleteAlias = operation<Api["deleteAlias"]>("DELETE /models/:model/aliases/:alias");
const listWebhooks = operation<Api["listWebhooks"]>("GET /model-webhooks");
export const createWebhook = operation<Api["createWebhook"]>("POST /model-webhooks");
export const updateWebhook = operation<Api["updateWebhook"]>("PATCH /model-webhooks/:webhook");
export const deleteWebhook = operation<Api["deleteWebhook"]>("DELETE /model-webhooks/:webhook");
export const testWebhook = operation<Api["testWebhook"]>("POST /model-webhooks/:webhook/test");
const listWebhookDeliveries = operation<Api["listWebhookDeliveries"]>(
  "GET /model-webhooks/:webhook/deliveries",
);

export { listModels };

/** Parts of the reads that a change in this room makes old. */
export const REGISTRY_READS = ["/models", "/lineage", "/quotas", "/audit"] as const;

/** The same of webhooks. */
export const WEBHOOK_READS = ["/model-webhooks", "/audit"] as const;

const WEBHOOKS_PAGE = 100; // All that a project may have.
const NONE: never[] = [];

export function useModels(project: string, filter: string) {
  const pages = usePages(listModels, { project, query: { filter } });
  const rows = useMemo<readonly RegisteredModel[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export function useModel(project: string, model: string) {
  return useApi(getModel, { project, params: { model } });
}

export function useVersions(project: string, model: string) {
  const pages = usePages(listVersions, { project, params: { model } });
  const rows = useMemo<readonly ModelVersion[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export function useVersion(project: string, model: string, version: number) {
  return useApi(getVersion, { project, params: { model, version } });
}

export function useVersionsByNumber(project: string, model: string, versions: readonly number[]) {
  return useQueries({
    combine: gather,
    queries: versions.map((version) => {
      const input = { project, params: { model, version } };
      return {
        queryKey: queryKey(getVersion, input),
        queryFn: ({ signal }: { signal: AbortSignal }) => getVersion(input, signal),
      };
    }),
  });
}

// Outside the hook, so that equal answers give the very same array.
function gather(all: readonly UseQueryResult<ModelVersion>[]) {
  return {
    versions: all.flatMap((one) => one.data ?? []),
    error: all.find((one) => one.error)?.error,
    loading: all.some((one) => one.isPending),
    retry: () => {
      for (const one of all) if (one.error) void one.refetch();
    },
  };
}

export function useAliasHistory(project: string, model: string) {
  return usePages(aliasHistory, { project, params: { model } });
}

/** The newest version of a model, whatever its stage. */
export function newestVersion(model: RegisteredModel): ModelVersion | undefined {
  return [...model.latestVersions].sort((a, b) => b.version - a.version)[0];
}

export function useWebhooks(project: string) {
  const pages = usePages(listWebhooks, { project, query: { pageSize: WEBHOOKS_PAGE } });
  const rows = useMemo<readonly ModelWebhook[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}

export function useWebhookDeliveries(project: string, webhook: string) {
  const pages = usePages(listWebhookDeliveries, { project, params: { webhook }, query: {} });
  const rows = useMemo<readonly WebhookDelivery[]>(
    () => pages.data?.pages.flatMap((page) => page.items) ?? NONE,
    [pages.data],
  );
  return { ...pages, rows };
}
