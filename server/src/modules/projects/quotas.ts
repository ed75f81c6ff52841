import type { Quota, QuotaResource } from "@atrium/contract/projects";
import { quotaResource } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ProjectsDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import type { Projects } from "./door.ts";
import * as queries from "./queries.ts";

type Quotas = Pick<Projects, "quotas" | "setQuota" | "checkQuota">;

export function createQuotas({ db, access, audit }: ProjectsDeps, directory: Directory): Quotas {
  return { quotas, setQuota, checkQuota };

  async function quotas(actor: Actor, projectId: string): Promise<Quota[]> {
    await access.require(actor, "project:read", { kind: "project", projectId });
    const stored = await queries.quotas(db.reader, projectId);
    return quotaResource.options.map(
      (resource) => stored.find((quota) => quota.resource === resource) ?? { resource, used: 0 },
    );
  }

  /** A project does not choose its own limits: its organisation does. */
  async function setQuota(
    actor: Actor,
    projectId: string,
    resource: QuotaResource,
    maximum: number | null,
  ): Promise<Quota> {
    await access.require(actor, "project:read", { kind: "project", projectId });
    const project = await directory.byId(projectId);
    if (project === undefined) throw new AppError("not_found", `There is no project ${projectId}.`);
    const { organisationId } = project;
    await access.require(actor, "organisation:write", { kind: "organisation", organisationId });
    return db.transaction(async (tx) => {
      await queries.addQuota(tx, projectId, resource);
      await queries.setMaximum(tx, projectId, resource, maximum);
      const quota = (await queries.quotas(tx, projectId)).find((stored) => stored.resource === resource);
      await audit.record(tx, actor, {
        action: "quota.changed",
        resource: { type: "quota", id: resource },
        organisationId,
        projectId,
        details: { maximum },
      });
      return quota ?? { resource, used: 0 };
    });
  }

  async function checkQuota(
    tx: Tx,
    projectId: string,
    resource: QuotaResource,
    adding: number,
  ): Promise<void> {
    if (await queries.use(tx, { projectId, resource, adding })) return;
    await queries.addQuota(tx, projectId, resource);
    if (await queries.use(tx, { projectId, resource, adding })) return;
    const quota = (await queries.quotas(tx, projectId)).find((stored) => stored.resource === resource);
    throw new AppError(
      "exhausted",
      `The project may hold ${quota?.maximum} ${resource} and holds ${quota?.used}: ${adding} more do not fit. ` +
        "Delete some, or ask an administrator of the organisation for more.",
      { reason: "quota" },
    );
  }
}
