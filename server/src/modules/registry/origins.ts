import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import * as aliasQueries from "./alias-queries.ts";
import type { RegistryDeps } from "./deps.ts";
import type { NewVersion } from "./door.ts";
import { type Gate, missingVersion } from "./gate.ts";
import * as queries from "./queries.ts";
import { isWithin, notContained, parseSource, pathBelow, type Source } from "./source.ts";

/** Where a version's files lie, and what it came from. */
export interface Origin {
  artifactPath?: string | undefined;
  runId?: string | undefined;
  loggedModelId?: string | undefined;
  copyOf?: { name: string; version: number };
}

/** Resolves what a new version's source means, as far as the actor may read it. */
export interface Origins {
  /** @throws AppError `invalid` when the files lie elsewhere than the run or logged model says, `not_found` */
  of(actor: Actor, projectId: string, given: NewVersion): Promise<Origin>;
}

export function createOrigins({ db, tracking, artifacts, clientTags }: RegistryDeps, gate: Gate): Origins {
  return { of };

  async function of(actor: Actor, projectId: string, given: NewVersion): Promise<Origin> {
    const isPrompt = given.tags?.[clientTags.prompt] !== undefined;
    const source = parseSource(given.source, isPrompt ? "prompt" : "model");
    const asked = { actor, projectId, given };
    if (source.kind === "logged-model") return ofLoggedModel(asked, source.id);
    if (source.kind === "run") return ofRun(asked, source);
    if (source.kind === "address") return isPrompt ? {} : ofAddress(asked);
    return ofCopy(asked, source);
  }

  interface Asked {
    actor: Actor;
    projectId: string;
    given: NewVersion;
  }

  async function ofLoggedModel({ actor, projectId, given }: Asked, id: string): Promise<Origin> {
    if ((given.loggedModelId ?? id) !== id) throw notContained(given.source, "model_id");
    const model = await tracking.loggedModels.get(actor, projectId, id);
    if (given.runId !== undefined) await tracking.runs.get(actor, projectId, given.runId);
    return {
      artifactPath: model.artifactPath,
      runId: given.runId ?? model.sourceRunId,
      loggedModelId: id,
    };
  }

  async function ofRun(
    { actor, projectId, given }: Asked,
    source: Extract<Source, { kind: "run" }>,
  ): Promise<Origin> {
    if ((given.runId ?? source.runId) !== source.runId) throw notContained(given.source, "run_id");
    const run = await tracking.runs.get(actor, projectId, source.runId);
    const path = pathBelow(run.artifactPath, source.path, given.source);
    const inside = await artifacts.list(actor, { projectId, path }, { pageSize: 1 });
    if (inside.items.length === 0) {
      const hint = "Register a logged model as models:/<id>.";
      throw new AppError("invalid", `Run ${run.id} has no files in '${source.path}'. ${hint}`, {
        at: "source",
      });
    }
    const loggedModelId = await knownLoggedModel({ actor, projectId, given });
    return { artifactPath: path, runId: run.id, loggedModelId };
  }

  async function ofAddress({ actor, projectId, given }: Asked): Promise<Origin> {
    const { artifactPath, runId, loggedModelId, source } = given;
    const run = runId === undefined ? undefined : await tracking.runs.get(actor, projectId, runId);
    const model =
      loggedModelId === undefined
        ? undefined
        : await tracking.loggedModels.get(actor, projectId, loggedModelId);
    if (artifactPath !== undefined) {
      const folders = [run?.artifactPath, model?.artifactPath].filter((folder) => folder !== undefined);
      if (!folders.some((folder) => isWithin(artifactPath, folder, source))) {
        throw notContained(source, model === undefined ? "run_id" : "model_id");
      }
    }
    return { artifactPath, runId: runId ?? model?.sourceRunId, loggedModelId };
  }

  async function ofCopy(
    asked: Asked,
    source: Extract<Source, { kind: "version" | "alias" }>,
  ): Promise<Origin> {
    const { actor, projectId, given } = asked;
    const row = await sourceVersion(actor, projectId, source);
    const runId = row.run_id === "" ? undefined : row.run_id;
    const loggedModelId = row.logged_model_id === "" ? undefined : row.logged_model_id;
    if (given.runId !== undefined && given.runId !== runId) throw notContained(given.source, "run_id");
    if (given.loggedModelId !== undefined && given.loggedModelId !== loggedModelId) {
      throw notContained(given.source, "model_id");
    }
    return {
      artifactPath: row.artifact_path === "" ? undefined : row.artifact_path,
      runId,
      loggedModelId: await knownLoggedModel({ actor, projectId, given: { ...given, loggedModelId } }),
      copyOf: { name: source.name, version: row.version },
    };
  }

  async function sourceVersion(
    actor: Actor,
    projectId: string,
    source: Extract<Source, { kind: "version" | "alias" }>,
  ) {
    const { name } = source;
    const at = source.kind === "version" ? { projectId, name, version: source.version } : { projectId, name };
    const model = await gate.admit(actor, "model:read", at);
    const aliased =
      source.kind === "alias" ? await aliasQueries.aliasOf(db.reader, model.id, source.alias) : undefined;
    const version = source.kind === "version" ? source.version : aliased?.version;
    const row = version && (await queries.versionOf(db.reader, { model_id: model.id, version }));
    if (row) return row;
    if (source.kind === "version") throw missingVersion(source);
    throw new AppError("not_found", `Registered model alias ${source.alias} not found.`, { reason: "alias" });
  }

  /** The logged model, if it is still there; a copy outlives what it was made of. */
  async function knownLoggedModel({ actor, projectId, given }: Asked): Promise<string | undefined> {
    if (given.loggedModelId === undefined) return undefined;
    try {
      return (await tracking.loggedModels.get(actor, projectId, given.loggedModelId)).id;
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "not_found") return undefined;
      throw thrown;
    }
  }
}
