import type { GrantPlace } from "@atrium/contract/identity";
import type { GrantRow } from "./tables.ts";

/** A place in one text: equal places have equal keys. */
function placeKey(place: GrantPlace): string {
  switch (place.kind) {
    case "instance":
      return "instance";
    case "organisation":
      return `organisation:${place.organisationId}`;
    case "project":
      return `project:${place.projectId}`;
    case "resource":
      return `resource:${place.projectId}:${place.type}:${place.id}`;
  }
}

type PlaceColumns = Pick<
  GrantRow,
  "place" | "organisation_id" | "project_id" | "resource_type" | "resource_id"
>;

/** A place as a grant's row holds it; `organisationId` is that of the place's project. */
export function columnsOf(place: GrantPlace, organisationId: string | undefined): PlaceColumns {
  return {
    place: placeKey(place),
    organisation_id: organisationId ?? null,
    project_id: place.kind === "project" || place.kind === "resource" ? place.projectId : null,
    resource_type: place.kind === "resource" ? place.type : null,
    resource_id: place.kind === "resource" ? place.id : null,
  };
}

export function placeOf(row: Omit<PlaceColumns, "place">): GrantPlace {
  const { organisation_id, project_id, resource_type, resource_id } = row;
  if (project_id !== null && resource_type !== null && resource_id !== null) {
    return { kind: "resource", projectId: project_id, type: resource_type, id: resource_id };
  }
  if (project_id !== null) return { kind: "project", projectId: project_id };
  if (organisation_id !== null) return { kind: "organisation", organisationId: organisation_id };
  return { kind: "instance" };
}

/** Where audit and events file what happens at a place. */
export function fileUnder(place: GrantPlace): { organisationId?: string; projectId?: string } {
  if (place.kind === "instance") return {};
  if (place.kind === "organisation") return { organisationId: place.organisationId };
  return { projectId: place.projectId };
}
