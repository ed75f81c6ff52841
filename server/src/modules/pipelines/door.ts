import type {
  Pipeline,
  PipelineRun,
  PipelineRunEvent,
  PipelineStep,
  PipelineVersion,
  VersionStep,
} from "@atrium/contract/pipelines";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Json } from "./plan.ts";

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

export interface NewPipeline {
  /** The name in the spec when not given. */
  name?: string | undefined;
  displayName?: string | undefined;
  description?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

export interface NewVersion {
  name?: string | undefined;
  displayName?: string | undefined;
  description?: string | undefined;
  codeSource?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  /** YAML or JSON, as it was uploaded: one document, or two with what belongs to a platform. */
  spec: string;
}

export interface NewPipelineRun {
  name?: string | undefined;
  description?: string | undefined;
  /** Id or name; its newest version unless one is named. */
  pipeline?: string | undefined;
  versionId?: string | undefined;
  /** Instead of a pipeline. */
  spec?: string | undefined;
  /** The project's default experiment when not given. */
  experimentId?: string | undefined;
  parameters?: Readonly<Record<string, Json>> | undefined;
  cache?: "as-compiled" | "off" | undefined;
  /** What starts it, when no person does; the actor is then who it is done for. */
  origin?: { type: string; id: string } | undefined;
  /** The same key starts nothing twice in a project: the run that stands is the answer, for as long as it is kept. */
  key?: string | undefined;
}

/** One comparison; all of a list must hold. */
export interface RunCondition {
  field:
    | "name"
    | "state"
    | "experimentId"
    | "pipelineId"
    | "versionId"
    | "createdMs"
    | "endedMs"
    | "archived";
  operation: "=" | "!=" | ">" | ">=" | "<" | "<=" | "in" | "contains";
  value: string | number | boolean | readonly (string | number)[];
}

export interface RunSearch extends PageAsked {
  conditions?: readonly RunCondition[] | undefined;
  sort?: { field: "createdMs" | "name"; direction: "asc" | "desc" } | undefined;
}

export interface PipelineSearch extends PageAsked {
  /** Part of the name. */
  text?: string | undefined;
  /** The whole name. */
  name?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  sort?: { field: "createdMs" | "name"; direction: "asc" | "desc" } | undefined;
}

/** Definitions. A spec is kept as it was uploaded; one that cannot run here is refused with the place in it. */
export interface PipelineDefinitions {
  /** A pipeline without a version. @throws AppError `conflict` (the name is taken) */
  create(actor: Actor, projectId: string, given: NewPipeline & { name: string }): Promise<Pipeline>;
  /** A new pipeline with its first version, in one change. @throws AppError `invalid`, `conflict` */
  upload(
    actor: Actor,
    projectId: string,
    given: { pipeline: NewPipeline; version: NewVersion },
  ): Promise<{ pipeline: Pipeline; version: PipelineVersion }>;
  /** What a compiled pipeline calls itself. @throws AppError `invalid` */
  nameIn(actor: Actor, projectId: string, spec: string): Promise<string>;
  /** Another version. @throws AppError `invalid`, `not_found`, `conflict` */
  addVersion(
    actor: Actor,
    projectId: string,
    pipelineId: string,
    given: NewVersion,
  ): Promise<PipelineVersion>;
  /** By id or name. @throws AppError `not_found` */
  get(actor: Actor, projectId: string, idOrName: string): Promise<Pipeline>;
  search(actor: Actor, projectId: string, asked: PipelineSearch): Promise<Page<Pipeline>>;
  delete(actor: Actor, projectId: string, idOrName: string): Promise<void>;
  versions(
    actor: Actor,
    projectId: string,
    asked: PageAsked & {
      pipelineId: string;
      name?: string | undefined;
      sort?: PipelineSearch["sort"];
    },
  ): Promise<Page<PipelineVersion>>;
  version(
    actor: Actor,
    projectId: string,
    of: { pipelineId: string; versionId: string },
  ): Promise<{ version: PipelineVersion; spec: string; graph: VersionStep[] }>;
  deleteVersion(
    actor: Actor,
    projectId: string,
    of: { pipelineId: string; versionId: string },
  ): Promise<void>;
}

export interface PipelineRuns {
  /** @throws AppError `invalid` (spec, parameters, what cannot run here), `not_found` */
  start(actor: Actor, projectId: string, given: NewPipelineRun): Promise<PipelineRun>;
  get(actor: Actor, projectId: string, id: string): Promise<PipelineRun>;
  /** Its graph as it stands. */
  steps(actor: Actor, projectId: string, id: string): Promise<PipelineStep[]>;
  events(actor: Actor, projectId: string, id: string, asked: PageAsked): Promise<Page<PipelineRunEvent>>;
  search(actor: Actor, projectId: string, asked: RunSearch): Promise<Page<PipelineRun>>;
  /** The spec that it runs, as it was given. */
  spec(actor: Actor, projectId: string, id: string): Promise<string>;
  /** Resolves when it is written down; what runs ends soon after. @throws AppError `conflict` (it has ended) */
  cancel(actor: Actor, projectId: string, id: string): Promise<PipelineRun>;
  /** @throws AppError `conflict` (it runs, or succeeded) */
  retry(actor: Actor, projectId: string, id: string): Promise<PipelineRun>;
  setArchived(actor: Actor, projectId: string, of: { id: string; archived: boolean }): Promise<PipelineRun>;
  /** @throws AppError `conflict` (it runs) */
  delete(actor: Actor, projectId: string, id: string): Promise<void>;
}

/**
 * What other modules see of pipelines. Announces `pipeline-run.started`, `.finished` (body: `{ runId, state }`),
 * `.cancelling`, `.retried`, and `pipeline-step.changed` with `{ runId, path, state }`.
 */
export interface Pipelines {
  definitions: PipelineDefinitions;
  runs: PipelineRuns;
}
