import type {
  Organisation,
  Project,
  ProjectSecret,
  ProjectSettings,
  Quota,
  QuotaResource,
} from "@atrium/contract/projects";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ProjectKeys } from "#ports/secrets";

/** What request routing needs to know of a project. */
export interface ProjectRef {
  id: string;
  organisationId: string;
  slug: string;
  state: Project["state"];
}

export interface NewProject {
  slug: string;
  name?: string | undefined;
  description?: string;
  /** The default organisation when not given. */
  organisationId?: string | undefined;
}

export interface ProjectChanges {
  name?: string | undefined;
  description?: string | undefined;
  settings?: ProjectSettings | undefined;
}

/** What other modules, routes and roles see of projects. Wherever a `slugOrId` is taken, both work. */
export interface Projects {
  /** Makes the default organisation and the default project when there is none; call it once, before serving. */
  start(): Promise<void>;

  listOrganisations(actor: Actor): Promise<Organisation[]>;
  createOrganisation(actor: Actor, given: { slug: string; name: string }): Promise<Organisation>;
  renameOrganisation(actor: Actor, slugOrId: string, name: string): Promise<Organisation>;

  list(
    actor: Actor,
    asked: { state: Project["state"]; pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<Project>>;
  /** @throws AppError `not_found` also when the actor may not see it */
  get(actor: Actor, slugOrId: string): Promise<Project>;
  create(actor: Actor, given: NewProject): Promise<Project>;
  update(actor: Actor, slugOrId: string, changes: ProjectChanges): Promise<Project>;
  setState(actor: Actor, slugOrId: string, state: Project["state"]): Promise<Project>;
  /** Destroys the key of a deleted project: nothing sealed with it can ever be read again. */
  purge(actor: Actor, slugOrId: string, confirmSlug: string): Promise<void>;

  /** Finds a project without asking who wants to know: for routing, before the permission check. Cached. */
  resolve(slugOrId: string): Promise<ProjectRef | undefined>;
  /** As `resolve`, of an id alone. */
  byId(id: string): Promise<ProjectRef | undefined>;
  /** All projects that are not purged, for identity's inheritance and for the worker's rounds. Cached like `resolve`. */
  all(): Promise<readonly ProjectRef[]>;

  quotas(actor: Actor, projectId: string): Promise<Quota[]>;
  setQuota(actor: Actor, projectId: string, resource: QuotaResource, maximum: number | null): Promise<Quota>;
  /**
   * Counts `adding` (negative gives back) in the caller's transaction, which must be the one that adds the thing.
   * @throws AppError `exhausted` when the limit would be passed
   */
  checkQuota(tx: Tx, projectId: string, resource: QuotaResource, adding: number): Promise<void>;

  listSecrets(actor: Actor, projectId: string): Promise<ProjectSecret[]>;
  setSecret(actor: Actor, projectId: string, name: string, value: string): Promise<ProjectSecret>;
  deleteSecret(actor: Actor, projectId: string, name: string): Promise<void>;
  /** The named secrets' values, for a job's environment. The reading is recorded. @throws AppError `not_found` */
  secretValues(actor: Actor, projectId: string, names: readonly string[]): Promise<Record<string, string>>;

  /** The data key of each project, made with the project. @throws AppError `not_found` after a purge */
  readonly keys: ProjectKeys;
}
