import { type Actor, type Identity, SYSTEM } from "#modules/identity";
import type { Projects } from "#modules/projects";

const NAME = "flights-sample";
const PROJECT = "default"; // The one that every data folder has from its first start.
const ACCOUNTS_MAX = 500; // A data folder on its first start has none.

/**
 * Who makes the sample and where: a service account of the default project, so that its jobs have a token of their own and
 * the audit trail a name. Made when it is missing.
 */
export function createSamplePlace(deps: {
  identity: Identity;
  projects: Projects;
}): () => Promise<{ projectId: string; actor: Actor } | undefined> {
  const { identity, projects } = deps;
  let found: { projectId: string; actor: Actor } | undefined;

  return async () => {
    found ??= await find();
    return found;
  };

  async function find(): Promise<{ projectId: string; actor: Actor } | undefined> {
    const project = await projects.resolve(PROJECT);
    if (project === undefined || project.state !== "active") return undefined;
    const { id: projectId, organisationId } = project;
    const accounts = await identity.serviceAccounts.list(SYSTEM, { pageSize: ACCOUNTS_MAX });
    const account =
      accounts.items.find(({ name }) => name === NAME) ??
      (await identity.serviceAccounts.create(SYSTEM, {
        ...{ organisationId, projectId, name: NAME },
        description: "Makes the sample project on the first start.",
      }));
    const principal = { kind: "service-account", id: account.id } as const;
    const grants = await identity.grants.list(SYSTEM, { principalId: account.id, pageSize: 1 });
    if (grants.items.length === 0) {
      const place = { kind: "project", projectId } as const;
      await identity.grants.create(SYSTEM, { principal, roleId: "maintainer", place });
    }
    const via = { kind: "process", id: "sample" } as const;
    const request = { id: "", ip: "", userAgent: "" };
    return { projectId, actor: { ...principal, name: NAME, via, request } };
  }
}
