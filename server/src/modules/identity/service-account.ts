import type { ServiceAccount } from "@atrium/contract/identity";
import type { Place } from "./actor.ts";
import type { ServiceAccountRow } from "./tables.ts";

/** Where a service account is managed. */
export function placeOfAccount(
  row: Pick<ServiceAccountRow, "organisation_id" | "project_id">,
): Extract<Place, { kind: "project" | "organisation" }> {
  return row.project_id === null
    ? { kind: "organisation", organisationId: row.organisation_id }
    : { kind: "project", projectId: row.project_id };
}

export function toServiceAccount(row: ServiceAccountRow): ServiceAccount {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    ...(row.project_id === null ? {} : { projectId: row.project_id }),
    name: row.name,
    description: row.description,
    state: row.state,
    createdMs: row.created_ms,
  };
}
