import type { Actor } from "#modules/identity";

/** What is kept of who saved a rule, so that its action can be started as them, with no more than they had then. */
export function ownerOf({ kind, id, name, scopes }: Actor): string {
  return JSON.stringify({ kind, id, name, ...(scopes === undefined ? {} : { scopes }) });
}

/** A rule's owner, who acts within its project; what they may do is asked anew whenever they do. */
export function actingOwner(owner: string, at: { projectId: string; incidentId: string }): Actor {
  return {
    ...(JSON.parse(owner) as Pick<Actor, "kind" | "id" | "name" | "scopes">),
    via: { kind: "process", id: at.incidentId },
    boundProjectId: at.projectId,
    request: { id: at.incidentId, ip: "", userAgent: "alert-rule" },
  };
}

export function ownerName(owner: string): string {
  return (JSON.parse(owner) as Pick<Actor, "name">).name;
}
