import type { ModelVersion } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { NewVersion } from "#modules/registry";
import type { MlflowDeps } from "../deps.ts";
import { joinPath } from "../translate/locations.ts";
import { addModelVersion, VERSIONS_TAG } from "../translate/model-versions-tag.ts";
import { toStage } from "../translate/registry.ts";
import { parseSource, type Source, wrongSource } from "../translate/sources.ts";
import { toKeyValues, unlessBlank } from "../translate/values.ts";
import type { Given } from "../wire/decode.ts";
import type { createVersion as wireCreateVersion } from "../wire/registry.ts";

const PROMPT_TAG = "mlflow.prompt.is_prompt"; // A prompt's text is in its tags; its source is only a word.

interface Asked {
  projectId: string;
  given: Given<typeof wireCreateVersion>;
}
/** What a source comes down to: files of ours, and whose they are. */
type Files = Pick<NewVersion, "source" | "artifactPath" | "runId" | "loggedModelId">;

/** Registers what `source` means. @throws AppError `invalid`, `not_found` */
export async function createVersion(deps: MlflowDeps, actor: Actor, asked: Asked): Promise<ModelVersion> {
  const { projectId, given } = asked;
  const tags = toKeyValues(given.tags);
  const isPrompt = tags.findLast(({ key }) => key === PROMPT_TAG)?.value.toLowerCase() === "true";
  const files: Files = isPrompt ? { source: given.source } : await findFiles(deps, actor, asked);
  const made = await deps.registry.versions.create(actor, projectId, given.name, {
    ...files,
    runLink: unlessBlank(given.run_link),
    description: unlessBlank(given.description),
    tags,
  });
  if (made.loggedModelId !== undefined) await noteOnModel(deps, actor, { projectId, version: made });
  return made;
}

async function findFiles(deps: MlflowDeps, actor: Actor, { projectId, given }: Asked): Promise<Files> {
  const { source } = given;
  const said = { runId: unlessBlank(given.run_id), loggedModelId: unlessBlank(given.model_id) };
  const meant = parseSource(source);
  switch (meant.kind) {
    case "elsewhere":
      return { source, ...said };
    case "artifacts":
      return { source, artifactPath: meant.path, ...said };
    case "run": {
      const run = await owner(source, deps.tracking.runs.get(actor, projectId, meant.runId));
      const runId = same(source, "run_id", { said: said.runId, meant: meant.runId });
      return { source, artifactPath: joinPath(run.artifactPath, meant.path), ...said, runId };
    }
    case "logged-model": {
      const model = await owner(source, deps.tracking.loggedModels.get(actor, projectId, meant.modelId));
      const loggedModelId = same(source, "model_id", { said: said.loggedModelId, meant: meant.modelId });
      return {
        source,
        artifactPath: model.artifactPath,
        runId: said.runId ?? model.sourceRunId,
        loggedModelId,
      };
    }
    default: {
      const from = await findVersion(deps, actor, { projectId, meant });
      return {
        source: `models:/${from.name}/${from.version}`,
        artifactPath: from.artifactPath,
        runId: same(source, "run_id", { said: said.runId, meant: from.runId }),
        loggedModelId: same(source, "model_id", { said: said.loggedModelId, meant: from.loggedModelId }),
      };
    }
  }
}

async function findVersion(
  { registry }: MlflowDeps,
  actor: Actor,
  asked: { projectId: string; meant: Extract<Source, { kind: "version" | "alias" | "latest" }> },
): Promise<ModelVersion> {
  const { projectId, meant } = asked;
  if (meant.kind === "version") return registry.versions.get(actor, projectId, meant.name, meant.version);
  if (meant.kind === "alias") return registry.versionByAlias(actor, projectId, meant.name, meant.alias);
  const stages = meant.stage === undefined ? undefined : [toStage(meant.stage)];
  const found = await registry.latestVersions(actor, projectId, meant.name, stages);
  const newest = found.toSorted((a, b) => b.version - a.version)[0];
  if (newest !== undefined) return newest;
  throw new AppError("not_found", `Registered Model with name=${meant.name} has no such version`);
}

/** A source in a run or model that cannot be seen is a wrong source, not a missing registered model. */
async function owner<T>(source: string, found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "not_found") throw thrown;
    throw wrongSource(source, thrown.message);
  }
}

function same(
  source: string,
  parameter: string,
  { said, meant }: { said: string | undefined; meant: string | undefined },
): string | undefined {
  if (said === undefined || said === meant) return meant;
  throw wrongSource(
    source,
    `The ${parameter} request parameter must identify the resource that contains the source.`,
  );
}

/**
 * Their clients find a logged model's registrations in one of its tags. Someone who may register but not write to the
 * run gets their version all the same; the registry itself knows the connection.
 */
async function noteOnModel(
  { tracking: { loggedModels }, access }: MlflowDeps,
  actor: Actor,
  { projectId, version }: { projectId: string; version: ModelVersion },
): Promise<void> {
  if (version.loggedModelId === undefined) return;
  if (!(await access.can(actor, "run:write", { kind: "project", projectId }))) return;
  const model = await loggedModels.get(actor, projectId, version.loggedModelId, { deleted: "allowed" });
  const before = model.tags.find(({ key }) => key === VERSIONS_TAG)?.value;
  const tag = { key: VERSIONS_TAG, value: addModelVersion(before, version) };
  await loggedModels.setTags(actor, projectId, model.id, [tag]);
}
