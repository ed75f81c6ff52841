import type { Role } from "@atrium/contract/identity";
import { BUILT_IN_ROLES, type BuiltInRole, PERMISSIONS, type Permission } from "@atrium/contract/permissions";

export const OWNER = "owner" satisfies BuiltInRole;

const WORDS: Record<BuiltInRole, [name: string, description: string]> = {
  viewer: ["Viewer", "Sees everything of a project and changes nothing."],
  editor: ["Editor", "Works in a project: runs, artifacts, models."],
  maintainer: ["Maintainer", "Runs a project: promotes and deletes, keeps its secrets, gives others access."],
  admin: ["Admin", "Everything but the settings of the instance itself."],
  auditor: ["Auditor", "Reads the audit trail and telemetry, and no data."],
  owner: ["Owner", "Everything. There is always at least one."],
};

export const builtInRoles: readonly Role[] = (Object.keys(WORDS) as BuiltInRole[]).map((id) => ({
  id,
  name: WORDS[id][0],
  description: WORDS[id][1],
  permissions: [...BUILT_IN_ROLES[id]],
  builtIn: true,
}));

const byId = new Map(builtInRoles.map((role) => [role.id, role]));

export function builtInRole(id: string): Role | undefined {
  return byId.get(id);
}

const known = new Set<string>(PERMISSIONS);

/** A stored list of permissions; what this version does not know any more allows nothing. */
export function readPermissions(stored: string): Permission[] {
  return (JSON.parse(stored) as string[]).filter((name): name is Permission => known.has(name));
}
