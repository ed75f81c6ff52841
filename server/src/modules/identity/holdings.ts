import type { GrantPlace } from "@atrium/contract/identity";
import type { Permission } from "@atrium/contract/permissions";
import type { Place } from "./actor.ts";

/** All that one principal may do, by place, own grants and those of groups together. */
export interface Holdings {
  instance: ReadonlySet<Permission>;
  organisations: ReadonlyMap<string, ReadonlySet<Permission>>;
  projects: ReadonlyMap<string, ReadonlySet<Permission>>;
  /** By project, then by `type:id`. */
  resources: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<Permission>>>;
}

export interface HeldRole {
  place: GrantPlace;
  permissions: readonly Permission[];
}

/** Adds up roles at places into what they allow together. */
export function addUp(roles: readonly HeldRole[]): Holdings {
  const instance = new Set<Permission>();
  const organisations = new Map<string, Set<Permission>>();
  const projects = new Map<string, Set<Permission>>();
  const resources = new Map<string, Map<string, Set<Permission>>>();
  for (const { place, permissions } of roles) {
    const held = heldAt(place);
    for (const permission of permissions) held.add(permission);
  }
  return { instance, organisations, projects, resources };

  function heldAt(place: GrantPlace): Set<Permission> {
    if (place.kind === "instance") return instance;
    if (place.kind === "organisation") return entry(organisations, place.organisationId, () => new Set());
    if (place.kind === "project") return entry(projects, place.projectId, () => new Set());
    const inProject = entry(resources, place.projectId, () => new Map<string, Set<Permission>>());
    return entry(inProject, `${place.type}:${place.id}`, () => new Set());
  }
}

/** True when a grant at the place, or at one above it, allows it. `organisationId` is that of the place's project. */
export function holds(
  holdings: Holdings,
  permission: Permission,
  at: { place: Place; organisationId: string | undefined },
): boolean {
  if (holdings.instance.has(permission)) return true;
  const { place, organisationId } = at;
  if (place.kind === "instance") return false;
  if (organisationId !== undefined && holdings.organisations.get(organisationId)?.has(permission))
    return true;
  if (place.kind === "organisation") return false;
  if (holdings.projects.get(place.projectId)?.has(permission)) return true;
  if (place.kind === "project") return false;
  return holdings.resources.get(place.projectId)?.get(`${place.type}:${place.id}`)?.has(permission) === true;
}

/** Every place with all that is held there, for comparing one principal with another. */
export function listed(holdings: Holdings): HeldRole[] {
  const list: HeldRole[] = [{ place: { kind: "instance" }, permissions: [...holdings.instance] }];
  for (const [organisationId, held] of holdings.organisations) {
    list.push({ place: { kind: "organisation", organisationId }, permissions: [...held] });
  }
  for (const [projectId, held] of holdings.projects) {
    list.push({ place: { kind: "project", projectId }, permissions: [...held] });
  }
  for (const [projectId, byResource] of holdings.resources) {
    for (const [key, held] of byResource) {
      const type = key.startsWith("model:") ? "model" : "experiment";
      const place = { kind: "resource", projectId, type, id: key.slice(type.length + 1) } as const;
      list.push({ place, permissions: [...held] });
    }
  }
  return list;
}

/** The organisations and projects where a grant itself stands that holds the permission. */
export function standing(
  holdings: Holdings,
  permission: Permission,
): { organisationIds: string[]; projectIds: string[] } {
  const having = (held: ReadonlyMap<string, ReadonlySet<Permission>>) =>
    [...held].filter(([, permissions]) => permissions.has(permission)).map(([id]) => id);
  return { organisationIds: having(holdings.organisations), projectIds: having(holdings.projects) };
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const standing = map.get(key);
  if (standing !== undefined) return standing;
  const made = make();
  map.set(key, made);
  return made;
}
