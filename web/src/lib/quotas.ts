import type { projectsApi, QuotaResource } from "@atrium/contract/projects";
import { operation, useApi } from "./api.ts";

const listQuotas = operation<(typeof projectsApi)["listQuotas"]>("GET /project/quotas");

/** What a project uses and may use; also the exact counts of its things. */
export function useQuotas(project: string) {
  return useApi(listQuotas, { project });
}

/** How many of something the project holds. */
export function useCount(project: string, resource: QuotaResource): number | undefined {
  return useQuotas(project).data?.items.find((quota) => quota.resource === resource)?.used;
}
