import type { Project } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import { isId } from "#lib/ids";
import type { NewProject, ProjectChanges } from "./door.ts";

export const DEFAULT_SLUG = "default";

/** A name stands beside an id in addresses: what reads like an id would be taken for one. @throws AppError `invalid` */
export function assertNoId(slug: string): void {
  if (!isId(slug)) return;
  throw new AppError("invalid", `${slug} reads like one of our ids; choose another slug.`, { at: "slug" });
}

/** A project as it begins. @throws AppError `invalid` */
export function makeProject(
  given: NewProject,
  { organisationId, id, nowMs }: { organisationId: string; id: string; nowMs: number },
): Project {
  assertNoId(given.slug);
  return {
    id,
    organisationId,
    slug: given.slug,
    name: given.name ?? given.slug,
    description: given.description ?? "",
    settings: {},
    state: "active",
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

/** @throws AppError `conflict` when the project is archived or deleted */
export function change(project: Project, changes: ProjectChanges, nowMs: number): Project {
  if (project.state !== "active") {
    throw new AppError(
      "conflict",
      `Project ${project.slug} is ${project.state}; restore it before you change it.`,
    );
  }
  return {
    ...project,
    name: changes.name ?? project.name,
    description: changes.description ?? project.description,
    settings: changes.settings ?? project.settings,
    updatedMs: nowMs,
  };
}

/** Every state may follow every other: what is archived or deleted can be restored until it is purged. */
export function moveTo(project: Project, state: Project["state"], nowMs: number): Project {
  const { deletedMs: _, ...rest } = project;
  return { ...rest, state, updatedMs: nowMs, ...(state === "deleted" ? { deletedMs: nowMs } : {}) };
}

/** @throws AppError `conflict` unless the project is deleted and its slug was written out */
export function assertPurgeable(project: Project, confirmSlug: string): void {
  if (project.state !== "deleted") {
    throw new AppError(
      "conflict",
      `Project ${project.slug} is ${project.state}; delete it first, then purge it.`,
    );
  }
  if (confirmSlug !== project.slug) {
    throw new AppError(
      "invalid",
      `Write the slug ${project.slug} to confirm that all its data is to be destroyed.`,
    );
  }
}
