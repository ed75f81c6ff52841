import { AppError } from "#lib/errors";
import { type Actor, type Identity, SYSTEM } from "#modules/identity";
import type { Projects } from "#modules/projects";

const NAME = "flights-sample";
const PROJECT = "default"; // The one that every data folder has from its first start.
const ACCOUNTS_MAX = 500; // A data folder on its first start has none.

interface Place {
  projectId: string;
  actor: Actor;
}

/**
 * Who makes the sample and where: a service account of the default project, so that its jobs have a token of their own and
 * the audit trail a name. Made when it is missing.
 */
export function createSamplePlace(deps: {
  identity: Identity;
  projects: Projects;
}): () => Promise<Place | undefined> {
  const { identity, projects } = deps;
  let finding: Promise<Place | undefined> | undefined;

  // Who asks while it is made waits for the same one.
  return async () => {
    finding ??= find().catch((thrown) => {
      finding = undefined;
      throw thrown;
    });
    const found = await finding;
    if (found === undefined) finding = undefined;
    return found;
  };

  async function find(): Promise<Place | undefined> {
    const project = await projects.resolve(PROJECT);
    if (project === undefined || project.state !== "active") return undefined;
    const { id: projectId, organisationId } = project;
    const account = (await standing()) ?? (await make({ organisationId, projectId }));
    const principal = { kind: "service-account", id: account.id } as const;
    await grant(principal, projectId);
    const via = { kind: "process", id: "sample" } as const;
    const request = { id: "", ip: "", userAgent: "" };
    return { projectId, actor: { ...principal, name: NAME, via, request } };
  }

  async function standing(): Promise<{ id: string } | undefined> {
    const { items } = await identity.serviceAccounts.list(SYSTEM, { pageSize: ACCOUNTS_MAX });
    return items.find(({ name }) => name === NAME);
  }

  // Another process that starts on the same database may be faster: then its account is the one, and its grant.

  async function make(at: { organisationId: string; projectId: string }): Promise<{ id: string }> {
    const description = "Makes the sample project on the first start.";
    try {
      return await identity.serviceAccounts.create(SYSTEM, { ...at, name: NAME, description });
    } catch (thrown) {
      const theirs = isConflict(thrown) ? await standing() : undefined;
      if (theirs === undefined) throw thrown;
      return theirs;
    }
  }

  async function grant(principal: { kind: "service-account"; id: string }, projectId: string): Promise<void> {
    const grants = await identity.grants.list(SYSTEM, { principalId: principal.id, pageSize: 1 });
    if (grants.items.length > 0) return;
    const place = { kind: "project", projectId } as const;
    try {
      await identity.grants.create(SYSTEM, { principal, roleId: "maintainer", place });
    } catch (thrown) {
      if (!isConflict(thrown)) throw thrown;
    }
  }
}

function isConflict(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === "conflict";
}
