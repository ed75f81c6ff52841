import type { AliasMove, ModelVersion, RegisteredModel, Stage } from "@atrium/contract/registry";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";

export interface KeyValue {
  key: string;
  value: string;
}

/** How lists are asked for. `filter` and `orderBy` are in the mlflow client's language. */
export interface RegistrySearch {
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
  pageSize: number;
  pageToken?: string | undefined;
}

export interface NewVersion {
  /** Kept as it was given. */
  source: string;
  /** The files that `source` means, below the project; they must lie in the run's or the logged model's folder. */
  artifactPath?: string | undefined;
  runId?: string | undefined;
  loggedModelId?: string | undefined;
  runLink?: string | undefined;
  description?: string | undefined;
  tags: readonly KeyValue[];
}

/** Registered models, their versions and aliases. A name is unique in its project. */
export interface Registry {
  create(
    actor: Actor,
    projectId: string,
    given: { name: string; description?: string | undefined; tags: readonly KeyValue[] },
  ): Promise<RegisteredModel>;
  get(actor: Actor, projectId: string, name: string): Promise<RegisteredModel>;
  search(actor: Actor, projectId: string, asked: RegistrySearch): Promise<Page<RegisteredModel>>;
  rename(actor: Actor, projectId: string, name: string, newName: string): Promise<RegisteredModel>;
  describe(actor: Actor, projectId: string, name: string, description: string): Promise<RegisteredModel>;
  delete(actor: Actor, projectId: string, name: string): Promise<void>;
  setTags(actor: Actor, projectId: string, name: string, tags: readonly KeyValue[]): Promise<void>;
  deleteTag(actor: Actor, projectId: string, name: string, key: string): Promise<void>;
  /** The newest version of each of the stages, of all stages when none is named. */
  latestVersions(
    actor: Actor,
    projectId: string,
    name: string,
    stages?: readonly string[],
  ): Promise<ModelVersion[]>;
  setAlias(actor: Actor, projectId: string, name: string, alias: string, version: number): Promise<void>;
  deleteAlias(actor: Actor, projectId: string, name: string, alias: string): Promise<void>;
  versionByAlias(actor: Actor, projectId: string, name: string, alias: string): Promise<ModelVersion>;
  aliasHistory(
    actor: Actor,
    projectId: string,
    name: string,
    asked: { pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<AliasMove>>;
  versions: ModelVersions;
}

export interface ModelVersions {
  create(actor: Actor, projectId: string, name: string, given: NewVersion): Promise<ModelVersion>;
  get(actor: Actor, projectId: string, name: string, version: number): Promise<ModelVersion>;
  search(actor: Actor, projectId: string, asked: RegistrySearch): Promise<Page<ModelVersion>>;
  describe(
    actor: Actor,
    projectId: string,
    name: string,
    version: number,
    description: string,
  ): Promise<ModelVersion>;
  delete(actor: Actor, projectId: string, name: string, version: number): Promise<void>;
  setTags(
    actor: Actor,
    projectId: string,
    name: string,
    version: number,
    tags: readonly KeyValue[],
  ): Promise<void>;
  deleteTag(actor: Actor, projectId: string, name: string, version: number, key: string): Promise<void>;
  /** `archiveOthers` moves the versions that hold the stage to `Archived`. */
  moveToStage(
    actor: Actor,
    projectId: string,
    name: string,
    version: number,
    move: { stage: Stage; others: "kept" | "archived" },
  ): Promise<ModelVersion>;
}
