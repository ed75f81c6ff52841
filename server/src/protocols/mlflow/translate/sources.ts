import { AppError } from "#lib/errors";
import { artifactPathOf } from "./locations.ts";

/** What the `source` of a model version points at. */
export type Source =
  | { kind: "artifacts"; path: string }
  | { kind: "run"; runId: string; path: string }
  | { kind: "logged-model"; modelId: string }
  | { kind: "version"; name: string; version: number }
  | { kind: "alias"; name: string; alias: string }
  | { kind: "latest"; name: string; stage: string | undefined }
  | { kind: "elsewhere" };

// Stores that a client reads with its own keys. We keep only the address, and never open it.
const ELSEWHERE = /^(s3|gs|r2|b2|wasbs?|abfss?|adl|hdfs|viewfs|dbfs|oss):\/{1,2}[^/]/i;
const LOGGED_MODEL = /^[\w-]{1,256}$/; // Names of registered models come with a version or an alias.

/** @throws AppError `invalid` for a place that no client of this server could read */
export function parseSource(source: string): Source {
  const path = artifactPathOf(source);
  if (path !== undefined) return { kind: "artifacts", path: path.replace(/\/$/, "") };
  if (source.startsWith("runs:/")) return parseRun(source);
  if (source.startsWith("models:/")) return parseModel(source);
  if (ELSEWHERE.test(source) && !hasDots(source)) return { kind: "elsewhere" };
  throw wrongSource(
    source,
    "Use the artifacts of a run (mlflow-artifacts:/… or runs:/…), a logged or registered model (models:/…), or an " +
      "object store's address. This server cannot read files of other machines.",
  );
}

export function wrongSource(source: string, why: string): AppError {
  return new AppError("invalid", `Invalid model version source: '${source.slice(0, 500)}'. ${why}`, {
    at: "source",
  });
}

function parseRun(source: string): Source {
  const [, runId, path] = /^runs:\/([\w-]{1,256})\/(.+)$/.exec(source) ?? [];
  if (runId === undefined || path === undefined) throw wrongSource(source, "Write runs:/<run id>/<path>.");
  return { kind: "run", runId, path: path.replace(/\/$/, "") };
}

function parseModel(source: string): Source {
  const rest = source.slice("models:/".length);
  if (LOGGED_MODEL.test(rest)) return { kind: "logged-model", modelId: rest };
  const [, aliasName, alias] = /^([^/@]+)@([\w-]+)$/.exec(rest) ?? [];
  if (aliasName !== undefined && alias !== undefined) return { kind: "alias", name: aliasName, alias };
  const [, name, word] = /^([^/]+)\/([^/]+)$/.exec(rest) ?? [];
  if (name === undefined || word === undefined) {
    throw wrongSource(
      source,
      "Write models:/<model id>, models:/<name>/<version> or models:/<name>@<alias>.",
    );
  }
  if (/^\d{1,15}$/.test(word)) return { kind: "version", name, version: Number(word) };
  return { kind: "latest", name, stage: word.toLowerCase() === "latest" ? undefined : word };
}

/** Percent signs may hide dots, more than once. */
function hasDots(source: string): boolean {
  return /(^|[/\\])\.\.?([/\\]|$)|%/.test(source);
}
