import type { PrincipalKind } from "@atrium/contract/identity";
import type { Permission } from "@atrium/contract/permissions";
import type { Clock } from "#lib/clock";
import type { Database, Tx } from "#ports/database";
import { builtInRole, readPermissions } from "./built-in-roles.ts";
import { createFresh, type Fresh } from "./fresh.ts";
import { addUp, type HeldRole, type Holdings } from "./holdings.ts";
import { placeOf } from "./place.ts";
import * as grants from "./queries/grants.ts";
import * as groups from "./queries/groups.ts";
import type { GrantRow } from "./tables.ts";

const PRINCIPALS_MAX = 20_000; // A few kilobytes each; those unused for longest are read again.

/** One who may ask: who they are, whether they may come in, and all that they may do. */
export interface KnownPrincipal {
  name: string;
  state: "active" | "suspended";
  holdings: Holdings;
}

/** Principals in memory, by `kind:id`. */
export function createPrincipals(db: Database, clock: Clock): Fresh<KnownPrincipal> {
  return createFresh({
    clock,
    entriesMax: PRINCIPALS_MAX,
    load: (key) => {
      const at = key.indexOf(":");
      return loadPrincipal(db.reader, key.slice(0, at) as PrincipalKind, key.slice(at + 1));
    },
  });
}

/** Reads a principal as it is now, in the caller's transaction or with a reader. */
export async function loadPrincipal(
  tx: Tx,
  kind: PrincipalKind,
  id: string,
): Promise<KnownPrincipal | undefined> {
  const found = await grants.principal(tx, kind, id);
  if (found === undefined) return undefined;
  const groupIds = kind === "group" ? [] : await groups.groupIdsOf(tx, id);
  const rows = await grants.grantsOf(tx, [id, ...groupIds]);
  return { ...found, holdings: addUp(await heldRoles(tx, rows)) };
}

async function heldRoles(tx: Tx, rows: readonly GrantRow[]): Promise<HeldRole[]> {
  const custom = new Map<string, Permission[]>();
  if (rows.some((row) => builtInRole(row.role_id) === undefined)) {
    for (const role of await grants.roles(tx)) custom.set(role.id, readPermissions(role.permissions));
  }
  return rows.map((row) => ({
    place: placeOf(row),
    permissions: builtInRole(row.role_id)?.permissions ?? custom.get(row.role_id) ?? [],
  }));
}
