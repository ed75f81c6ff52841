import type { ProjectSecret } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import { seal, unseal } from "#lib/seal";
import type { Actor } from "#modules/identity";
import type { ProjectKeys } from "#ports/secrets";
import type { ProjectsDeps } from "./deps.ts";
import type { Projects } from "./door.ts";
import * as queries from "./queries.ts";

type ProjectSecrets = Pick<Projects, "listSecrets" | "setSecret" | "deleteSecret" | "secretValues">;

/** Values that jobs need and people must not see again: sealed with the project's key, shown by name only. */
export function createProjectSecrets(
  { db, clock, access, audit }: ProjectsDeps,
  keys: ProjectKeys,
  quotas: Pick<Projects, "checkQuota">,
): ProjectSecrets {
  return { listSecrets, setSecret, deleteSecret, secretValues };

  async function listSecrets(actor: Actor, projectId: string): Promise<ProjectSecret[]> {
    await access.require(actor, "secret:read", { kind: "project", projectId });
    return queries.secretNames(db.reader, projectId);
  }

  async function setSecret(
    actor: Actor,
    projectId: string,
    name: string,
    value: string,
  ): Promise<ProjectSecret> {
    await access.require(actor, "secret:write", { kind: "project", projectId });
    const sealed = seal(await keys.keyOf(projectId), Buffer.from(value), contextOf(projectId, name));
    return db.transaction(async (tx) => {
      const nowMs = clock.now();
      const [standing] = await queries.secrets(tx, projectId, [name]);
      const createdMs = standing?.created_ms ?? nowMs;
      if (standing === undefined) await quotas.checkQuota(tx, projectId, "secrets", 1);
      await queries.saveSecret(tx, {
        project_id: projectId,
        name,
        sealed,
        created_ms: createdMs,
        updated_ms: nowMs,
        updated_by: actor.name,
      });
      const action = standing === undefined ? "secret.created" : "secret.replaced";
      await audit.record(tx, actor, { action, resource: { type: "secret", id: name }, projectId });
      return { name, createdMs, updatedMs: nowMs, updatedBy: actor.name };
    });
  }

  async function deleteSecret(actor: Actor, projectId: string, name: string): Promise<void> {
    await access.require(actor, "secret:write", { kind: "project", projectId });
    await db.transaction(async (tx) => {
      if (!(await queries.removeSecret(tx, projectId, name))) throw missing(name);
      await quotas.checkQuota(tx, projectId, "secrets", -1);
      await audit.record(tx, actor, {
        action: "secret.deleted",
        resource: { type: "secret", id: name },
        projectId,
      });
    });
  }

  async function secretValues(
    actor: Actor,
    projectId: string,
    names: readonly string[],
  ): Promise<Record<string, string>> {
    await access.require(actor, "secret:read", { kind: "project", projectId });
    const rows = await queries.secrets(db.reader, projectId, names);
    const absent = names.find((name) => !rows.some((row) => row.name === name));
    if (absent !== undefined) throw missing(absent);
    const key = await keys.keyOf(projectId);
    await db.transaction(async (tx) => {
      for (const name of names) {
        await audit.record(tx, actor, {
          action: "secret.read",
          resource: { type: "secret", id: name },
          projectId,
        });
      }
    });
    const opened = rows.map((row) => [
      row.name,
      unseal(key, row.sealed, contextOf(projectId, row.name)).toString(),
    ]);
    return Object.fromEntries(opened) as Record<string, string>;
  }
}

function missing(name: string): AppError {
  return new AppError(
    "not_found",
    `The project has no secret ${name}; list its secrets to see which there are.`,
  );
}

function contextOf(projectId: string, name: string): string {
  return `secret:${projectId}:${name}`;
}
