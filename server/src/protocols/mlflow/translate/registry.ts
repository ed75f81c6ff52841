import type { ModelVersion, RegisteredModel } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import type { WireModelVersion, WireRegisteredModel } from "../wire/registry.ts";
import { toArtifactUri } from "./locations.ts";
import { toWirePairs, unlessBlank, unlessEmpty } from "./values.ts";

const STATUS = { READY: "READY", PENDING: "PENDING_REGISTRATION", FAILED: "FAILED_REGISTRATION" } as const;

export function toWireModel(model: RegisteredModel): WireRegisteredModel {
  const aliases = Object.entries(model.aliases).map(([alias, version]) => ({
    alias,
    version: String(version),
  }));
  return {
    name: model.name,
    creation_timestamp: model.createdMs,
    last_updated_timestamp: model.updatedMs,
    description: unlessBlank(model.description),
    latest_versions: unlessEmpty(model.latestVersions.map(toWireVersion)),
    tags: toWirePairs(model.tags),
    aliases: unlessEmpty(aliases),
  };
}

export function toWireVersion(version: ModelVersion): WireModelVersion {
  return {
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.createdMs,
    last_updated_timestamp: version.updatedMs,
    user_id: unlessBlank(version.createdBy),
    current_stage: version.stage,
    description: version.description,
    source: version.source,
    run_id: version.runId ?? "",
    status: STATUS[version.status],
    tags: toWirePairs(version.tags),
    run_link: version.runLink ?? "",
    aliases: unlessEmpty(version.aliases),
    model_id: version.loggedModelId,
  };
}

/** Where a client fetches the files: through us when they lie here. */
export function downloadUri(version: ModelVersion): string {
  return version.artifactPath === undefined ? version.source : toArtifactUri(version.artifactPath);
}

/** Versions are numbers that travel as text. @throws AppError `invalid` */
export function toVersionNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError("invalid", `Parameter 'version' must be an integer, got '${text.slice(0, 100)}'.`, {
    at: "version",
  });
}
