import type { Organisation } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Actor } from "#modules/identity";
import { isUniqueViolation } from "#ports/database";
import type { ProjectsDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import type { Projects } from "./door.ts";
import { assertNoId } from "./project.ts";
import * as queries from "./queries.ts";

type Organisations = Pick<Projects, "listOrganisations" | "createOrganisation" | "renameOrganisation">;

export function createOrganisations(deps: ProjectsDeps, directory: Directory): Organisations {
  const { db, clock, access, audit } = deps;
  return { listOrganisations, createOrganisation, renameOrganisation };

  /** Those in which the actor sees a project, and those that they may read themselves. */
  async function listOrganisations(actor: Actor): Promise<Organisation[]> {
    const visible = new Set(await access.visibleProjects(actor, "project:read"));
    const refs = await directory.all();
    const withProjects = new Set(refs.filter((ref) => visible.has(ref.id)).map((ref) => ref.organisationId));
    const shown: Organisation[] = [];
    for (const organisation of await queries.organisations(db.reader)) {
      const place = { kind: "organisation", organisationId: organisation.id } as const;
      if (withProjects.has(organisation.id) || (await access.can(actor, "organisation:read", place)))
        shown.push(organisation);
    }
    return shown;
  }

  async function createOrganisation(
    actor: Actor,
    given: { slug: string; name: string },
  ): Promise<Organisation> {
    await access.require(actor, "instance:write", { kind: "instance" });
    assertNoId(given.slug);
    const organisation: Organisation = { id: newId(), ...given, createdMs: clock.now() };
    try {
      return await db.transaction(async (tx) => {
        await queries.addOrganisation(tx, organisation);
        await audit.record(tx, actor, {
          action: "organisation.created",
          resource: { type: "organisation", id: organisation.id, name: organisation.slug },
          organisationId: organisation.id,
        });
        return organisation;
      });
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", `An organisation ${given.slug} exists already; choose another slug.`, {
        at: "slug",
      });
    }
  }

  async function renameOrganisation(actor: Actor, slugOrId: string, name: string): Promise<Organisation> {
    const organisation = await queries.organisation(db.reader, slugOrId);
    if (organisation === undefined) throw new AppError("not_found", `There is no organisation ${slugOrId}.`);
    await access.require(actor, "organisation:write", {
      kind: "organisation",
      organisationId: organisation.id,
    });
    return db.transaction(async (tx) => {
      await queries.renameOrganisation(tx, organisation.id, name);
      await audit.record(tx, actor, {
        action: "organisation.renamed",
        resource: { type: "organisation", id: organisation.id, name: organisation.slug },
        organisationId: organisation.id,
        details: { from: organisation.name, to: name },
      });
      return { ...organisation, name };
    });
  }
}
