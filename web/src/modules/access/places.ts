import type { GrantPlace } from "@atrium/contract/identity";
import type { Session } from "../../lib/session.tsx";

/** A grant's place in words. */
export function placeName(place: GrantPlace, session: Pick<Session, "projects" | "organisations">): string {
  if (place.kind === "instance") return "The whole instance";
  if (place.kind === "organisation")
    return session.organisations.find((one) => one.id === place.organisationId)?.name ?? "An organisation";
  const project = session.projects.find((one) => one.id === place.projectId)?.name ?? "A project";
  return place.kind === "project" ? project : `${project}: ${place.type} ${place.id}`;
}

/** The places a person can choose, as `kind:id`, and back. */
export function placeChoices(
  session: Pick<Session, "projects" | "organisations">,
  all: "with instance" | "without instance",
): { value: string; title: string }[] {
  return [
    ...session.projects.map((one) => ({ value: `project:${one.id}`, title: `Project ${one.name}` })),
    ...session.organisations.map((one) => ({
      value: `organisation:${one.id}`,
      title: `Organisation ${one.name}`,
    })),
    ...(all === "with instance" ? [{ value: "instance:", title: "The whole instance" }] : []),
  ];
}

export function parsePlace(choice: string): GrantPlace {
  const [kind, id = ""] = choice.split(":");
  if (kind === "project") return { kind, projectId: id };
  if (kind === "organisation") return { kind, organisationId: id };
  return { kind: "instance" };
}
