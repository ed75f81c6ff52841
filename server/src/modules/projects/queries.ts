import type { Organisation, Project, ProjectSecret, Quota, QuotaResource } from "@atrium/contract/projects";
import { sql } from "kysely";
import { forUpdate, preparing, type SlotOf, type Tx, tables } from "#ports/database";
import type { ProjectRef } from "./door.ts";
import type { OrganisationRow, ProjectRow, ProjectTables, SecretRow } from "./tables.ts";

const db = tables<ProjectTables>();
const prepared = preparing(db);

const PROJECTS_MAX = 50_000; // Held in memory for routing: about 10 MiB.
const ORGANISATIONS_MAX = 10_000;
const SECRETS_MAX = 1000;

// Organisations

export async function organisations(tx: Tx): Promise<Organisation[]> {
  const query = db(tx).selectFrom("projects_organisations").select(["id", "slug", "name", "created_ms"]);
  return (await query.orderBy("slug").limit(ORGANISATIONS_MAX).execute()).map(toOrganisation);
}

export async function organisation(tx: Tx, slugOrId: string): Promise<Organisation | undefined> {
  const row = await db(tx)
    .selectFrom("projects_organisations")
    .select(["id", "slug", "name", "created_ms"])
    .where((where) => where.or([where("id", "=", slugOrId), where("slug", "=", slugOrId)]))
    .executeTakeFirst();
  return row && toOrganisation(row);
}

export async function addOrganisation(tx: Tx, given: Organisation): Promise<void> {
  const { createdMs, ...rest } = given;
  await db(tx)
    .insertInto("projects_organisations")
    .values({ ...rest, created_ms: createdMs })
    .execute();
}

export async function renameOrganisation(tx: Tx, id: string, name: string): Promise<void> {
  await db(tx).updateTable("projects_organisations").set({ name }).where("id", "=", id).execute();
}

// Projects

export async function projectRefs(tx: Tx): Promise<ProjectRef[]> {
  const query = db(tx)
    .selectFrom("projects_projects")
    .select(["id", "organisation_id as organisationId", "slug", "state"]);
  return query.orderBy("slug").limit(PROJECTS_MAX).execute();
}

export async function projectsById(tx: Tx, ids: readonly string[]): Promise<Project[]> {
  if (ids.length === 0) return [];
  const query = db(tx).selectFrom("projects_projects").selectAll().where("id", "in", ids);
  return (await query.orderBy("slug").limit(ids.length).execute()).map(toProject);
}

/** The project for a change: its row stays locked until the transaction ends. */
export async function projectToChange(tx: Tx, id: string): Promise<Project | undefined> {
  const query = db(tx).selectFrom("projects_projects").selectAll().where("id", "=", id);
  const row = await forUpdate(tx, query).executeTakeFirst();
  return row && toProject(row);
}

export async function addProject(tx: Tx, project: Project): Promise<void> {
  await db(tx).insertInto("projects_projects").values(toRow(project)).execute();
}

export async function saveProject(tx: Tx, project: Project): Promise<void> {
  await db(tx).updateTable("projects_projects").set(toRow(project)).where("id", "=", project.id).execute();
}

/** Removes the project with its key, quotas and secrets. */
export async function removeProject(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("projects_keys").where("project_id", "=", id).execute();
  await db(tx).deleteFrom("projects_quotas").where("project_id", "=", id).execute();
  await db(tx).deleteFrom("projects_secrets").where("project_id", "=", id).execute();
  await db(tx).deleteFrom("projects_projects").where("id", "=", id).execute();
}

// Keys

export async function wrappedKey(tx: Tx, projectId: string): Promise<string | undefined> {
  const query = db(tx).selectFrom("projects_keys").select("wrapped").where("project_id", "=", projectId);
  return (await query.executeTakeFirst())?.wrapped;
}

export async function addKey(tx: Tx, key: ProjectTables["projects_keys"]): Promise<void> {
  await db(tx).insertInto("projects_keys").values(key).execute();
}

/** Keys that another key than `keyId` wraps; a wrapped key begins with the id of what wraps it. */
export async function keysNotUnder(
  tx: Tx,
  keyId: string,
  limit: number,
): Promise<Pick<ProjectTables["projects_keys"], "project_id" | "wrapped">[]> {
  const query = db(tx).selectFrom("projects_keys").select(["project_id", "wrapped"]);
  return query.where("wrapped", "not like", `${keyId}.%`).orderBy("project_id").limit(limit).execute();
}

export async function replaceKey(tx: Tx, projectId: string, wrapped: string): Promise<void> {
  await db(tx).updateTable("projects_keys").set({ wrapped }).where("project_id", "=", projectId).execute();
}

// Quotas

export async function quotas(tx: Tx, projectId: string): Promise<Quota[]> {
  const query = db(tx).selectFrom("projects_quotas").select(["resource", "used", "maximum"]);
  const rows = await query.where("project_id", "=", projectId).orderBy("resource").execute();
  return rows.map(({ maximum, ...rest }) => (maximum === null ? rest : { ...rest, maximum }));
}

interface Use {
  projectId: string;
  resource: QuotaResource;
  adding: number;
}

function using({ mayExceed }: { mayExceed: boolean }) {
  return prepared((at, slot: SlotOf<Use>) => {
    const adding = slot(({ adding }) => adding);
    const all = at
      .updateTable("projects_quotas")
      .set({ used: sql<number>`case when used + ${adding} < 0 then 0 else used + ${adding} end` })
      .where(
        "project_id",
        "=",
        slot(({ projectId }) => projectId),
      )
      .where(
        "resource",
        "=",
        slot(({ resource }) => resource),
      );
    return mayExceed ? all : all.where(sql<boolean>`(maximum is null or used + ${adding} <= maximum)`);
  });
}
const useWithin = using({ mayExceed: false });
const giveBack = using({ mayExceed: true });

/** Adds to what is used if the limit allows it. @returns false when it does not, or when there is no row yet */
export async function use(tx: Tx, given: Use): Promise<boolean> {
  const { changes } = await (given.adding > 0 ? useWithin : giveBack)(tx, given);
  return changes > 0;
}

export async function addQuota(tx: Tx, projectId: string, resource: QuotaResource): Promise<void> {
  await db(tx)
    .insertInto("projects_quotas")
    .values({ project_id: projectId, resource, used: 0, maximum: null })
    .onConflict((conflict) => conflict.columns(["project_id", "resource"]).doNothing())
    .execute();
}

export async function setMaximum(
  tx: Tx,
  projectId: string,
  resource: QuotaResource,
  maximum: number | null,
): Promise<void> {
  const query = db(tx).updateTable("projects_quotas").set({ maximum });
  await query.where("project_id", "=", projectId).where("resource", "=", resource).execute();
}

// Secrets

export async function secretNames(tx: Tx, projectId: string): Promise<ProjectSecret[]> {
  const rows = await db(tx)
    .selectFrom("projects_secrets")
    .select(["name", "created_ms as createdMs", "updated_ms as updatedMs", "updated_by as updatedBy"])
    .where("project_id", "=", projectId)
    .orderBy("name")
    .limit(SECRETS_MAX)
    .execute();
  return rows;
}

export async function secrets(tx: Tx, projectId: string, names: readonly string[]): Promise<SecretRow[]> {
  if (names.length === 0) return [];
  const query = db(tx).selectFrom("projects_secrets").selectAll();
  return query.where("project_id", "=", projectId).where("name", "in", names).limit(names.length).execute();
}

export async function saveSecret(tx: Tx, row: SecretRow): Promise<void> {
  const { sealed, updated_ms, updated_by } = row;
  await db(tx)
    .insertInto("projects_secrets")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["project_id", "name"]).doUpdateSet({ sealed, updated_ms, updated_by }),
    )
    .execute();
}

export async function removeSecret(tx: Tx, projectId: string, name: string): Promise<boolean> {
  const query = db(tx)
    .deleteFrom("projects_secrets")
    .where("project_id", "=", projectId)
    .where("name", "=", name);
  return (await query.executeTakeFirst()).numDeletedRows > 0n;
}

function toOrganisation({ created_ms, ...rest }: OrganisationRow): Organisation {
  return { ...rest, createdMs: created_ms };
}

function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    settings: JSON.parse(row.settings) as Project["settings"],
    state: row.state,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    ...(row.deleted_ms === null ? {} : { deletedMs: row.deleted_ms }),
  };
}

function toRow(project: Project): ProjectRow {
  return {
    id: project.id,
    organisation_id: project.organisationId,
    slug: project.slug,
    name: project.name,
    description: project.description,
    settings: JSON.stringify(project.settings),
    state: project.state,
    created_ms: project.createdMs,
    updated_ms: project.updatedMs,
    deleted_ms: project.deletedMs ?? null,
  };
}
