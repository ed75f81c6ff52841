import type { Project } from "@atrium/contract/projects";
import type { WireWorkspace } from "../wire/workspaces.ts";

/** Their workspaces are our projects; the name that travels is the short one. */
export function toWireWorkspace(project: Project): WireWorkspace {
  return { name: project.slug, description: project.description };
}
