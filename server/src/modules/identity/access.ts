import type { GrantPlace } from "@atrium/contract/identity";
import { PERMISSIONS, type Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor, Place, ResourceType, Visible } from "./actor.ts";
import type { ProjectDirectory } from "./door.ts";
import type { Fresh } from "./fresh.ts";
import { addUp, type HeldRole, type Holdings, holds, standing } from "./holdings.ts";
import type { KnownPrincipal } from "./principals.ts";
import type { Seen } from "./queries/seen.ts";

const VISIBLE_IDS_MAX = 1000; // What the door promises to lists, so that they can put the ids into one query.

/** The door for others, and what identity's own use-cases ask beside it. */
export interface Access extends AccessControl {
  /** Throws `forbidden` unless the actor holds all of this: nobody gives, or takes over, what they do not hold. */
  requireAll(actor: Actor, roles: readonly HeldRole[], deed: string): Promise<void>;
  /** Throws `forbidden` for a credential that is only a part of its owner: it may not act on the owner itself. */
  requireWhole(actor: Actor): void;
  /** Whom and what an actor may see by this permission: undefined is everything, else what stands in these places. */
  seen(actor: Actor, permission: Permission): Promise<Omit<Seen, "ids"> | undefined>;
  /** What the actor may do on the instance, in a project, and in any one place. */
  summary(
    actor: Actor,
    projectId: string | undefined,
  ): Promise<Record<"instance" | "project" | "anywhere", Permission[]>>;
  /** The organisation of a project. */
  organisationOf(projectId: string): Promise<string | undefined>;
}

export function createAccess(given: {
  principals: Fresh<KnownPrincipal>;
  directory: ProjectDirectory;
  /** Records a denial, within bounds. */
  denied(actor: Actor, permission: Permission, place: Place): Promise<void>;
}): Access {
  const { principals, directory, denied } = given;
  const reach = createReach();
  return { require, can, visible, visibleProjects, requireAll, requireWhole, seen, summary, organisationOf };

  async function can(actor: Actor, permission: Permission, place: Place): Promise<boolean> {
    if (!isWithinReach(actor, permission, place)) return false;
    if (actor.kind === "system") return true;
    const holdings = await holdingsOf(actor);
    if (holdings === undefined) return false;
    return holds(holdings, permission, { place, organisationId: await organisationAt(place) });
  }

  async function require(actor: Actor, permission: Permission, place: Place): Promise<void> {
    if (await can(actor, permission, place)) return;
    const reason = (await maySee(actor, place)) ? "forbidden" : "not_found";
    await denied(actor, permission, place);
    if (reason === "not_found")
      throw new AppError("not_found", `There is no such ${nameOf(place)}, or you may not see it.`);
    throw new AppError(
      "forbidden",
      `This needs the permission ${permission} on the ${nameOf(place)}; ask who manages it.`,
    );
  }

  async function maySee(actor: Actor, place: Place): Promise<boolean> {
    if (place.kind === "instance") return true; // Whoever asks knows that it is there.
    if (place.kind === "organisation") return seesOrganisation(actor, place);
    if (place.kind === "resource") return can(actor, `${place.type}:read`, place);
    if (await can(actor, "project:read", place)) return true;
    const holdings = isWithinReach(actor, "project:read", place) ? await holdingsOf(actor) : undefined;
    return holdings?.resources.has(place.projectId) === true;
  }

  /** Whoever sees a project sees the organisation that it belongs to. */
  async function seesOrganisation(
    actor: Actor,
    place: Extract<Place, { kind: "organisation" }>,
  ): Promise<boolean> {
    if (await can(actor, "organisation:read", place)) return true;
    const projects = new Set(await visibleProjects(actor, "project:read"));
    const all = await directory.all();
    return all.some((one) => one.organisationId === place.organisationId && projects.has(one.id));
  }

  async function visible(
    actor: Actor,
    permission: Permission,
    projectId: string,
    type: ResourceType,
  ): Promise<Visible> {
    const place = { kind: "project", projectId } as const;
    if (await can(actor, permission, place)) return { all: true };
    if (!isWithinReach(actor, permission, place)) return { all: false, ids: [] };
    const named = (await holdingsOf(actor))?.resources.get(projectId) ?? new Map<string, never>();
    const ids = [...named]
      .filter(([key, held]) => key.startsWith(`${type}:`) && held.has(permission))
      .map(([key]) => key.slice(type.length + 1));
    return { all: false, ids: ids.slice(0, VISIBLE_IDS_MAX) };
  }

  async function visibleProjects(actor: Actor, permission: Permission): Promise<readonly string[]> {
    if (actor.kind === "anonymous" || actor.scopes?.includes(permission) === false) return [];
    const holdings = actor.kind === "system" ? undefined : await holdingsOf(actor);
    if (holdings === undefined && actor.kind !== "system") return [];
    const all = await directory.all();
    const projects = reach(all, holdings ?? EVERYTHING, permission);
    const bound = actor.boundProjectId;
    return bound === undefined ? projects : projects.filter((id) => id === bound);
  }

  async function requireAll(actor: Actor, roles: readonly HeldRole[], deed: string): Promise<void> {
    for (const { place, permissions } of roles) {
      for (const permission of permissions) {
        if (await can(actor, permission, place)) continue;
        await denied(actor, permission, place);
        throw new AppError(
          "forbidden",
          `You cannot ${deed}: it holds ${permission} on the ${nameOf(place)}, which you do not hold there.`,
          { reason: "escalation" },
        );
      }
    }
  }

  function requireWhole(actor: Actor): void {
    if (actor.scopes === undefined && actor.boundProjectId === undefined) return;
    throw new AppError(
      "forbidden",
      "A token with scopes or bound to a project cannot do this; sign in, or use a token without limits.",
    );
  }

  async function seen(actor: Actor, permission: Permission): Promise<Omit<Seen, "ids"> | undefined> {
    if (await can(actor, permission, { kind: "instance" })) return undefined;
    if (actor.scopes?.includes(permission) === false) return { organisationIds: [], projectIds: [] };
    const bound = actor.boundProjectId;
    if (bound !== undefined) {
      const allowed = await can(actor, permission, { kind: "project", projectId: bound });
      return { organisationIds: [], projectIds: allowed ? [bound] : [] };
    }
    const holdings = await holdingsOf(actor);
    return holdings === undefined ? { organisationIds: [], projectIds: [] } : standing(holdings, permission);
  }

  async function summary(actor: Actor, projectId: string | undefined) {
    const held = { instance: [] as Permission[], project: [] as Permission[], anywhere: [] as Permission[] };
    for (const permission of PERMISSIONS) {
      const onInstance = await can(actor, permission, { kind: "instance" });
      if (onInstance) held.instance.push(permission);
      if (projectId !== undefined && (await can(actor, permission, { kind: "project", projectId }))) {
        held.project.push(permission);
      }
      if (onInstance || (await holdsAnywhere(actor, permission))) held.anywhere.push(permission);
    }
    return held;
  }

  async function holdsAnywhere(actor: Actor, permission: Permission): Promise<boolean> {
    const places = await seen(actor, permission);
    if (places === undefined || places.organisationIds.length > 0 || places.projectIds.length > 0)
      return true;
    return (await visibleProjects(actor, permission)).length > 0;
  }

  async function organisationOf(projectId: string): Promise<string | undefined> {
    return (await directory.byId(projectId))?.organisationId;
  }

  async function holdingsOf(actor: Actor): Promise<Holdings | undefined> {
    if (actor.kind === "anonymous" || actor.kind === "system") return undefined;
    const principal = await principals.get(`${actor.kind}:${actor.id}`);
    return principal?.state === "active" ? principal.holdings : undefined;
  }

  async function organisationAt(place: Place): Promise<string | undefined> {
    if (place.kind === "instance") return undefined;
    return place.kind === "organisation" ? place.organisationId : organisationOf(place.projectId);
  }
}

/** What a token leaves of its owner's rights, before these are even asked. */
function isWithinReach(actor: Actor, permission: Permission, place: Place): boolean {
  if (actor.kind === "anonymous") return false;
  if (actor.scopes?.includes(permission) === false) return false;
  const bound = actor.boundProjectId;
  return bound === undefined || ("projectId" in place && place.projectId === bound);
}

/** The projects that holdings reach by a permission; asked with every request, so kept while nothing changed. */
function createReach() {
  const kept = new WeakMap<
    Holdings,
    { all: readonly ProjectAt[]; byPermission: Map<Permission, string[]> }
  >();
  return function reach(all: readonly ProjectAt[], holdings: Holdings, permission: Permission): string[] {
    let standing = kept.get(holdings);
    if (standing?.all !== all) {
      standing = { all, byPermission: new Map() };
      kept.set(holdings, standing);
    }
    const known = standing.byPermission.get(permission);
    if (known !== undefined) return known;
    const found = all.filter((project) => holdsWithin(holdings, permission, project)).map(({ id }) => id);
    standing.byPermission.set(permission, found);
    return found;
  };
}

interface ProjectAt {
  id: string;
  organisationId: string;
}

/** What the server itself holds. */
const EVERYTHING = addUp([{ place: { kind: "instance" }, permissions: PERMISSIONS }]);

function holdsWithin(holdings: Holdings, permission: Permission, project: ProjectAt): boolean {
  if (holdings.instance.has(permission)) return true;
  if (holdings.organisations.get(project.organisationId)?.has(permission)) return true;
  if (holdings.projects.get(project.id)?.has(permission)) return true;
  for (const held of holdings.resources.get(project.id)?.values() ?? [])
    if (held.has(permission)) return true;
  return false;
}

function nameOf(place: Place | GrantPlace): string {
  return place.kind === "resource" ? place.type : place.kind;
}
