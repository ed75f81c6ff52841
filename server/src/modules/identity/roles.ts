import type { Role } from "@atrium/contract/identity";
import type { Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { isUniqueViolation } from "#ports/database";
import type { Actor } from "./actor.ts";
import { builtInRole, builtInRoles, readPermissions } from "./built-in-roles.ts";
import type { Roles } from "./door.ts";
import type { Inner } from "./inner.ts";
import * as queries from "./queries/grants.ts";
import type { RoleRow } from "./tables.ts";

const INSTANCE = { kind: "instance" } as const;
const ROLES_MAX = 500; // More is no policy any more.

export function createRoles(inner: Inner): Roles {
  const { db, clock, access, tell } = inner;
  return { list, create, update, delete: remove };

  /** What roles there are is no secret: whoever gives one must be able to choose. */
  async function list(): Promise<Role[]> {
    return [...builtInRoles, ...(await queries.roles(db.reader)).map(toRole)];
  }

  async function create(
    actor: Actor,
    given: { name: string; description: string; permissions: readonly Permission[] },
  ): Promise<Role> {
    await access.require(actor, "role:write", INSTANCE);
    await requireHeld(actor, given.permissions);
    const row: RoleRow = {
      id: newId(),
      ...namesOf(given.name),
      description: given.description,
      permissions: JSON.stringify([...new Set(given.permissions)]),
      created_ms: clock.now(),
    };
    return nameTaken(row.name, () =>
      db.transaction(async (tx) => {
        await tx.serialize("identity.roles");
        if ((await queries.roles(tx)).length >= ROLES_MAX) {
          throw new AppError(
            "exhausted",
            `There are ${ROLES_MAX} roles, the most there can be; delete some.`,
          );
        }
        await queries.addRole(tx, row);
        await tell(tx, actor, {
          action: "role.created",
          resource: { type: "role", id: row.id, name: row.name },
          details: { permissions: readPermissions(row.permissions) },
        });
        return toRole(row);
      }),
    );
  }

  /** Changing a role gives and takes for everyone who has it: so the actor must hold what it held and what it will. */
  async function update(
    actor: Actor,
    id: string,
    changes: {
      name?: string | undefined;
      description?: string | undefined;
      permissions?: readonly Permission[] | undefined;
    },
  ): Promise<Role> {
    await access.require(actor, "role:write", INSTANCE);
    refuseBuiltIn(id);
    const standing = (await queries.roleById(db.reader, id)) ?? missing();
    await requireHeld(actor, [...readPermissions(standing.permissions), ...(changes.permissions ?? [])]);
    return nameTaken(changes.name ?? standing.name, () =>
      db.transaction(async (tx) => {
        const before = (await queries.roleToChange(tx, id)) ?? missing();
        if (before.permissions !== standing.permissions) {
          throw new AppError("conflict", "Somebody else changed this role just now; look at it again.");
        }
        const { permissions, description, name } = changes;
        const row = {
          ...before,
          ...namesOf(name ?? before.name),
          description: description ?? before.description,
          permissions:
            permissions === undefined ? before.permissions : JSON.stringify([...new Set(permissions)]),
        };
        await queries.changeRole(tx, id, row);
        await tell(tx, actor, {
          action: "role.updated",
          resource: { type: "role", id, name: row.name },
          details: { from: readPermissions(before.permissions), to: readPermissions(row.permissions) },
        });
        return toRole(row);
      }),
    );
  }

  async function remove(actor: Actor, id: string): Promise<void> {
    await access.require(actor, "role:write", INSTANCE);
    refuseBuiltIn(id);
    await db.transaction(async (tx) => {
      const role = (await queries.roleToChange(tx, id)) ?? missing();
      const count = await queries.countGrants(tx, { roleId: id });
      if (count > 0) {
        throw new AppError("conflict", `${role.name} is given ${count} times; take those grants away first.`);
      }
      await queries.removeRole(tx, id);
      await tell(tx, actor, { action: "role.deleted", resource: { type: "role", id, name: role.name } });
    });
  }

  function requireHeld(actor: Actor, permissions: readonly Permission[]): Promise<void> {
    return access.requireAll(actor, [{ place: INSTANCE, permissions }], "make or change this role");
  }
}

function namesOf(name: string): Pick<RoleRow, "name" | "name_key"> {
  const key = name.toLowerCase();
  if (builtInRoles.some((role) => role.name.toLowerCase() === key)) {
    throw new AppError("conflict", `There is a built-in role ${name}; choose another name.`, { at: "name" });
  }
  return { name, name_key: key };
}

function refuseBuiltIn(id: string): void {
  const role = builtInRole(id);
  if (role === undefined) return;
  throw new AppError("conflict", `${role.name} is built in and stays as it is; create a role of your own.`);
}

async function nameTaken<T>(name: string, store: () => Promise<T>): Promise<T> {
  try {
    return await store();
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
    throw new AppError("conflict", `There is a role ${name} already; choose another name.`, { at: "name" });
  }
}

function toRole(row: RoleRow): Role {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    permissions: readPermissions(row.permissions),
    builtIn: false,
  };
}

function missing(): never {
  throw new AppError("not_found", "There is no such role.");
}
