import type { Grant, Principal, RoleAtPlace } from "@atrium/contract/identity";
import type { Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Page } from "#lib/paging";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { Actor } from "./actor.ts";
import { builtInRole, OWNER, readPermissions } from "./built-in-roles.ts";
import type { Grants, PageAsked } from "./door.ts";
import type { Inner } from "./inner.ts";
import { keepAnOwner } from "./owners.ts";
import { positionOf, toPage } from "./pages.ts";
import { columnsOf, placeOf } from "./place.ts";
import * as queries from "./queries/grants.ts";
import { groupIdsOf } from "./queries/groups.ts";

// All of a principal's grants are held in memory, and lists put the ids of single things into one query.
const GRANTS_EACH_MAX = 1000;

export function createGrants(inner: Inner): Grants {
  const { db, access, tell } = inner;
  return { list, create, revoke };

  /** Those in places where the actor may read grants, and their own. */
  async function list(
    actor: Actor,
    asked: PageAsked & {
      principalId?: string | undefined;
      projectId?: string | undefined;
      organisationId?: string | undefined;
    },
  ): Promise<Page<Grant>> {
    const { pageSize, pageToken, ...filter } = asked;
    const places = await access.seen(actor, "grant:read");
    const ids = [actor.id, ...(await groupIdsOf(db.reader, actor.id))];
    const rows = await queries.grantsPage(db.reader, {
      ...filter,
      ...(places && { seen: { ...places, ids } }),
      before: positionOf(pageToken, 1)?.[0],
      limit: pageSize + 1,
    });
    return toPage(rows, pageSize, { item: toGrant, position: (row) => [row.id] });
  }

  async function create(actor: Actor, given: RoleAtPlace & { principal: Principal }): Promise<Grant> {
    const permissions = await requireGivable(inner, actor, given);
    try {
      const id = await db.transaction((tx) => giveRole(tx, actor, { inner, ...given, permissions }));
      return toGrant((await queries.grantById(db.reader, id)) ?? missing());
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", "They have this role in this place already.");
    }
  }

  async function revoke(actor: Actor, id: string): Promise<void> {
    const standing = (await queries.grantById(db.reader, id)) ?? missing();
    const place = placeOf(standing);
    await access.require(actor, "grant:write", place);
    const permissions = (await roleNow(db.reader, standing.role_id)) ?? [];
    await access.requireAll(actor, [{ place, permissions }], "take this role away");
    await db.transaction(async (tx) => {
      const grant = (await queries.grantToChange(tx, id)) ?? missing();
      if (grant.role_id === OWNER) await keepAnOwner(tx, grant.principal_id);
      await queries.removeGrant(tx, id);
      await tell(tx, actor, {
        action: "grant.revoked",
        resource: { type: "grant", id },
        place,
        details: {
          principal: { kind: grant.principal_kind, id: grant.principal_id },
          roleId: grant.role_id,
          place,
        },
      });
    });
  }
}

/**
 * Checks that the actor may give this role there: they may write grants, and hold all that the role holds, which is
 * the answer.
 * @throws AppError `invalid`, `not_found`, `forbidden`
 */
export async function requireGivable(
  inner: Inner,
  actor: Actor,
  given: RoleAtPlace & { principal?: Principal },
): Promise<readonly Permission[]> {
  const { access, db } = inner;
  const { roleId, place, principal } = given;
  await access.require(actor, "grant:write", place);
  if ("projectId" in place && (await access.organisationOf(place.projectId)) === undefined) {
    throw new AppError("not_found", "There is no such project, or you may not see it.", { at: "body.place" });
  }
  const permissions = await roleNow(db.reader, roleId);
  if (permissions === undefined)
    throw new AppError("not_found", `There is no role ${roleId}.`, { at: "body.roleId" });
  if (
    roleId === OWNER &&
    (place.kind !== "instance" || (principal !== undefined && principal.kind !== "user"))
  ) {
    throw new AppError("invalid", "Only a user owns, and only the whole instance.", { at: "body.roleId" });
  }
  await access.requireAll(actor, [{ place, permissions }], "give this role");
  return permissions;
}

/** Stores a grant that was found givable while the role held `permissions`, and holds no others yet. @returns its id */
export async function giveRole(
  tx: Tx,
  actor: Actor,
  given: RoleAtPlace & { inner: Inner; principal: Principal; permissions: readonly Permission[] },
): Promise<string> {
  const { inner, principal, roleId, place, permissions } = given;
  if (builtInRole(roleId) === undefined) {
    const role = await queries.roleToChange(tx, roleId);
    if (role === undefined || String(readPermissions(role.permissions)) !== String(permissions)) {
      throw new AppError("conflict", `Somebody changed the role ${roleId} just now; look at it again.`);
    }
  }
  const known = await queries.principal(tx, principal.kind, principal.id);
  if (known === undefined) {
    throw new AppError("not_found", `There is no ${principal.kind} ${principal.id}.`, {
      at: "body.principal",
    });
  }
  if ((await queries.countGrants(tx, { principalId: principal.id })) >= GRANTS_EACH_MAX) {
    throw new AppError(
      "exhausted",
      `They hold ${GRANTS_EACH_MAX} grants, the most there can be; use a group.`,
    );
  }
  const organisationId =
    place.kind === "organisation"
      ? place.organisationId
      : "projectId" in place
        ? await inner.access.organisationOf(place.projectId)
        : undefined;
  const id = newId();
  await queries.addGrant(tx, {
    id,
    principal_kind: principal.kind,
    principal_id: principal.id,
    role_id: roleId,
    ...columnsOf(place, organisationId),
    created_ms: inner.clock.now(),
    created_by: actor.name,
  });
  await inner.tell(tx, actor, {
    action: "grant.created",
    resource: { type: "grant", id },
    place,
    details: { principal, roleId, place },
  });
  return id;
}

/** What a role allows now; undefined when there is none. */
export async function roleNow(tx: Tx, roleId: string): Promise<readonly Permission[] | undefined> {
  const builtIn = builtInRole(roleId);
  if (builtIn !== undefined) return builtIn.permissions;
  const row = await queries.roleById(tx, roleId);
  return row && readPermissions(row.permissions);
}

function toGrant(row: queries.NamedGrantRow): Grant {
  return {
    id: row.id,
    principal: { kind: row.principal_kind, id: row.principal_id, name: row.principal_name },
    roleId: row.role_id,
    place: placeOf(row),
    createdMs: row.created_ms,
    createdBy: row.created_by,
  };
}

function missing(): never {
  throw new AppError("not_found", "There is no such grant, or you may not see it.");
}
