import type { Project } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { decodePageToken, encodePageToken, type Page } from "#lib/paging";
import { type Actor, SYSTEM } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { ProjectsDeps } from "./deps.ts";
import { createDirectory } from "./directory.ts";
import type { NewProject, ProjectChanges, ProjectRef, Projects } from "./door.ts";
import { createKeyRing } from "./keys.ts";
import { createOrganisations } from "./organisations.ts";
import { assertPurgeable, change, DEFAULT_SLUG, makeProject, moveTo } from "./project.ts";
import { createProjectSecrets } from "./project-secrets.ts";
import * as queries from "./queries.ts";
import { createQuotas } from "./quotas.ts";

/** Organisations and projects, with their quotas, secrets and keys. */
export function createProjects(deps: ProjectsDeps): Projects {
  const { db, clock, access, audit, events, secrets } = deps;
  const directory = createDirectory(db, clock);
  const keys = createKeyRing(db, secrets);
  const quotas = createQuotas(deps, directory);

  return {
    start,
    ...createOrganisations(deps, directory),
    list,
    get,
    create,
    update,
    setState,
    purge,
    resolve: directory.resolve,
    byId: directory.byId,
    all: directory.all,
    ...quotas,
    ...createProjectSecrets(deps, keys, quotas),
    keys,
  };

  async function start(): Promise<void> {
    await events.follow(undefined, (event) => {
      if (!event.kind.startsWith("project.")) return;
      directory.forget();
      if (event.kind === "project.purged") keys.forget(event.key);
    });
    const organisation = await queries.organisation(db.reader, DEFAULT_SLUG);
    if (organisation !== undefined) return;
    const made = { id: newId(), slug: DEFAULT_SLUG, name: "Default", createdMs: clock.now() };
    const first = { slug: DEFAULT_SLUG, name: "Default" };
    const project = makeProject(first, { organisationId: made.id, id: newId(), nowMs: clock.now() });
    try {
      await add(SYSTEM, project, (tx) => queries.addOrganisation(tx, made));
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown; // Two processes started at once; the other one was first.
    }
  }

  async function list(
    actor: Actor,
    asked: { state: Project["state"]; pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<Project>> {
    const [after = ""] = asked.pageToken === undefined ? [] : decodePageToken(asked.pageToken, 1);
    const visible = new Set(await access.visibleProjects(actor, "project:read"));
    const refs = (await directory.all()).filter((ref) => ref.state === asked.state && visible.has(ref.id));
    const following = refs.filter((ref) => ref.slug > String(after));
    const page = following.slice(0, asked.pageSize);
    const items = await queries.projectsById(
      db.reader,
      page.map((ref) => ref.id),
    );
    const last = page.at(-1);
    return last !== undefined && following.length > page.length
      ? { items, nextToken: encodePageToken([last.slug]) }
      : { items };
  }

  async function get(actor: Actor, slugOrId: string): Promise<Project> {
    const { id } = await find(slugOrId);
    await access.require(actor, "project:read", { kind: "project", projectId: id });
    const [project] = await queries.projectsById(db.reader, [id]);
    return project ?? missing(slugOrId);
  }

  async function create(actor: Actor, given: NewProject): Promise<Project> {
    const organisation = await queries.organisation(db.reader, given.organisationId ?? DEFAULT_SLUG);
    if (organisation === undefined)
      throw new AppError("not_found", `There is no organisation ${given.organisationId}.`);
    await access.require(actor, "project:create", { kind: "organisation", organisationId: organisation.id });
    try {
      const made = { organisationId: organisation.id, id: newId(), nowMs: clock.now() };
      return await add(actor, makeProject(given, made));
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", `A project ${given.slug} exists already; choose another slug.`, {
        at: "slug",
        reason: "already_exists",
      });
    }
  }

  async function update(actor: Actor, slugOrId: string, changes: ProjectChanges): Promise<Project> {
    const { id } = await find(slugOrId);
    await access.require(actor, "project:write", { kind: "project", projectId: id });
    return save(actor, id, "project.updated", (project) => change(project, changes, clock.now()));
  }

  async function setState(actor: Actor, slugOrId: string, state: Project["state"]): Promise<Project> {
    const { id, state: before } = await find(slugOrId);
    const permission = [state, before].includes("deleted") ? "project:delete" : "project:write";
    await access.require(actor, permission, { kind: "project", projectId: id });
    const action = state === "active" ? "project.restored" : (`project.${state}` as const);
    return save(actor, id, action, (project) => moveTo(project, state, clock.now()));
  }

  async function purge(actor: Actor, slugOrId: string, confirmSlug: string): Promise<void> {
    const { id } = await find(slugOrId);
    await access.require(actor, "project:delete", { kind: "project", projectId: id });
    await db.transaction(async (tx) => {
      const project = (await queries.projectToChange(tx, id)) ?? missing(slugOrId);
      assertPurgeable(project, confirmSlug);
      await queries.removeProject(tx, id);
      await tell(tx, actor, project, "project.purged");
      tx.afterCommit(() => keys.forget(id));
    });
  }

  /** Stores a new project with its key; `before` runs first in the same transaction. */
  async function add(actor: Actor, project: Project, before?: (tx: Tx) => Promise<void>): Promise<Project> {
    const wrapped = await keys.make(project.id);
    return db.transaction(async (tx) => {
      await before?.(tx);
      await queries.addProject(tx, project);
      await queries.addKey(tx, { project_id: project.id, wrapped, created_ms: project.createdMs });
      await tell(tx, actor, project, "project.created");
      return project;
    });
  }

  async function save(
    actor: Actor,
    id: string,
    action: string,
    rule: (project: Project) => Project,
  ): Promise<Project> {
    return db.transaction(async (tx) => {
      const project = rule((await queries.projectToChange(tx, id)) ?? missing(id));
      await queries.saveProject(tx, project);
      await tell(tx, actor, project, action);
      return project;
    });
  }

  async function tell(tx: Tx, actor: Actor, project: Project, action: string): Promise<void> {
    const { id, slug, state, organisationId } = project;
    tx.afterCommit(directory.forget);
    await events.announce(tx, { kind: action, projectId: id, key: id, body: { projectId: id, slug, state } });
    await audit.record(tx, actor, {
      action,
      resource: { type: "project", id, name: slug },
      organisationId,
      projectId: id,
    });
  }

  async function find(slugOrId: string): Promise<ProjectRef> {
    return (await directory.resolve(slugOrId)) ?? missing(slugOrId);
  }
}

function missing(slugOrId: string): never {
  throw new AppError("not_found", `There is no project ${slugOrId}, or you may not see it.`);
}
