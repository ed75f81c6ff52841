import type {
  AliasMove,
  ModelVersion,
  ModelWebhook,
  RegisteredModel,
  WebhookDelivery,
  WebhookEvent,
  WebhookTest,
} from "@atrium/contract/registry";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";

/** Names a model. A name is unique in its project and can change. */
export interface ModelAt {
  projectId: string;
  name: string;
}
export interface VersionAt extends ModelAt {
  version: number;
}
export interface AliasAt extends ModelAt {
  alias: string;
}

/** Tags to set; null takes one away. */
export type TagChanges = Readonly<Record<string, string | null>>;

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

/** How lists are asked for. `filter` and `orderBy` are in the mlflow client's language. */
export interface RegistrySearch extends PageAsked {
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
}

export interface NewModel {
  name: string;
  description?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

export interface NewVersion {
  /**
   * Kept as it was given. `models:/<logged model>`, `models:/<name>/<version>`, `models:/<name>@<alias>` and
   * `runs:/<run>/<path>` are resolved; of another address `artifactPath` says which files it means.
   */
  source: string;
  /** The files that `source` means, below the project; they must lie in the run's or the logged model's folder. */
  artifactPath?: string | undefined;
  runId?: string | undefined;
  loggedModelId?: string | undefined;
  runLink?: string | undefined;
  description?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

/**
 * Registered models, their versions and aliases. What an actor may not read is `not_found`; moving aliases and stages
 * asks for `model:promote`, for they decide what others load.
 */
export interface Registry {
  /** @throws AppError `conflict` with reason `already_exists` */
  create(actor: Actor, projectId: string, given: NewModel): Promise<RegisteredModel>;
  get(actor: Actor, at: ModelAt): Promise<RegisteredModel>;
  /** Prompts are left out unless the filter asks for them by their tag. */
  search(actor: Actor, projectId: string, asked: RegistrySearch): Promise<Page<RegisteredModel>>;
  /** @throws AppError `conflict` with reason `already_exists` when the new name is taken */
  update(
    actor: Actor,
    at: ModelAt,
    changes: { name?: string | undefined; description?: string | undefined; tags?: TagChanges | undefined },
  ): Promise<RegisteredModel>;
  /** Deletes it with all its versions. */
  delete(actor: Actor, at: ModelAt): Promise<void>;
  /** The newest version of each of the stages (in any case), of all stages when none is named. */
  latestVersions(actor: Actor, at: ModelAt, stages?: readonly string[]): Promise<ModelVersion[]>;
  setAlias(actor: Actor, at: AliasAt, version: number): Promise<void>;
  /** An alias that is not there is no error. */
  deleteAlias(actor: Actor, at: AliasAt): Promise<void>;
  /** `latest` is the newest version. @throws AppError `not_found` with reason `alias` when the model has no such alias */
  versionByAlias(actor: Actor, at: AliasAt): Promise<ModelVersion>;
  /** Newest first. */
  aliasHistory(actor: Actor, at: ModelAt, asked: PageAsked): Promise<Page<AliasMove>>;
  versions: ModelVersions;
  webhooks: Webhooks;
}

export interface WebhookAt {
  projectId: string;
  webhook: string;
}

export interface NewWebhook {
  name: string;
  url: string;
  events: readonly WebhookEvent[];
  description?: string | undefined;
  /** Empty for none. */
  secret?: string | undefined;
  state?: ModelWebhook["state"] | undefined;
}

export type WebhookChanges = { [Field in keyof NewWebhook]?: NewWebhook[Field] | undefined };

/** Addresses that are told of changes, at least once each, in the transaction's wake. */
export interface Webhooks {
  list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<ModelWebhook>>;
  get(actor: Actor, at: WebhookAt): Promise<ModelWebhook>;
  /** @throws AppError `invalid` for a name or an address that cannot be, `exhausted` when the project has too many */
  create(actor: Actor, projectId: string, given: NewWebhook): Promise<ModelWebhook>;
  /** What is not given stays. */
  update(actor: Actor, at: WebhookAt, given: WebhookChanges): Promise<ModelWebhook>;
  delete(actor: Actor, at: WebhookAt): Promise<void>;
  /** Sends an example of one event, the webhook's first when none is named, and waits for the answer. */
  test(actor: Actor, at: WebhookAt, event?: WebhookEvent): Promise<WebhookTest>;
  deliveries(actor: Actor, at: WebhookAt, asked: PageAsked): Promise<Page<WebhookDelivery>>;
}

export interface ModelVersions {
  /** The next number. @throws AppError `invalid` when the source is not what it may be, `not_found` */
  create(actor: Actor, at: ModelAt, given: NewVersion): Promise<ModelVersion>;
  get(actor: Actor, at: VersionAt): Promise<ModelVersion>;
  /** One model's versions, newest first. */
  list(actor: Actor, at: ModelAt, asked: PageAsked): Promise<Page<ModelVersion>>;
  search(actor: Actor, projectId: string, asked: RegistrySearch): Promise<Page<ModelVersion>>;
  update(
    actor: Actor,
    at: VersionAt,
    changes: { description?: string | undefined; tags?: TagChanges | undefined },
  ): Promise<ModelVersion>;
  /** Its aliases go with it; its number is not used again. */
  delete(actor: Actor, at: VersionAt): Promise<void>;
  /** `archived` moves the other versions of the stage to `Archived`; the stage may be written in any case. */
  moveToStage(
    actor: Actor,
    at: VersionAt,
    move: { stage: string; others: "kept" | "archived" },
  ): Promise<ModelVersion>;
}
