import { AppError } from "#lib/errors";
import type { Json } from "./plan.ts";

/** What the words in `{{$.…}}` stand for. */
export interface Surroundings {
  parameters: Readonly<Record<string, Json>>;
  artifacts: Readonly<Record<string, readonly { uri: string; metadata: Readonly<Record<string, Json>> }[]>>;
  runId: string;
  runName: string;
  createdMs: number;
  taskName: string;
  taskId: string;
}

const PLACEHOLDER = /\{\{\$([^{}]*)\}\}/g;
const INPUT =
  /^\.inputs\.(parameters|artifacts)\['((?:[^'\\]|\\.)+)'\](?:\.(uri|path|metadata)(?:\['((?:[^'\\]|\\.)+)'\])?)?$/;

/**
 * Replaces the placeholders in a value, in keys as well. A text that is one placeholder and nothing else becomes the
 * value itself; inside a longer text a value is written as JSON.
 * @throws AppError `invalid` for a placeholder that stands for nothing here
 * @remarks Their names: kfp/dsl/placeholders.py and kfp/compiler/compiler_utils.py.
 */
export function withPlaceholders(value: Json, around: Surroundings): Json {
  if (typeof value === "string") return inText(value, around);
  if (Array.isArray(value)) return value.map((item) => withPlaceholders(item, around));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [asText(inText(key, around)), withPlaceholders(item, around)]),
  );
}

/** True for what `withPlaceholders` would change or refuse. */
export function hasPlaceholders(text: string): boolean {
  return text.includes("{{$");
}

function inText(text: string, around: Surroundings): Json {
  if (!hasPlaceholders(text)) return text;
  const [, only] = /^\{\{\$([^{}]*)\}\}$/.exec(text) ?? [];
  if (only !== undefined) return resolve(only, around);
  return text.replaceAll(PLACEHOLDER, (_, name: string) => asText(resolve(name, around)));
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function resolve(name: string, around: Surroundings): Json {
  const fixed = FIXED.get(name.trim());
  if (fixed !== undefined) return fixed(around);
  const [, kind, given = "", property, metadataKey] = INPUT.exec(name.trim()) ?? [];
  const key = given.replaceAll(/\\(.)/g, "$1");
  if (kind === "parameters" && property === undefined && Object.hasOwn(around.parameters, key))
    return around.parameters[key] ?? null;
  const [artifact] =
    kind === "artifacts" && Object.hasOwn(around.artifacts, key) ? (around.artifacts[key] ?? []) : [];
  if (artifact !== undefined && property === "metadata")
    return metadataKey === undefined ? { ...artifact.metadata } : (artifact.metadata[metadataKey] ?? null);
  if (artifact !== undefined && property === "uri") return artifact.uri;
  throw new AppError("invalid", `The placeholder {{$${name}}} stands for nothing here.`);
}

const FIXED = new Map<string, (around: Surroundings) => Json>([
  [".pipeline_job_name", ({ runName }) => runName],
  [".pipeline_job_resource_name", ({ runId }) => runId],
  [".pipeline_job_uuid", ({ runId }) => runId],
  [".pipeline_task_name", ({ taskName }) => taskName],
  [".pipeline_task_uuid", ({ taskId }) => taskId],
  [".pipeline_job_create_time_utc", ({ createdMs }) => new Date(createdMs).toISOString()],
  // No run here waits for a time, so that it is made when it is due.
  [".pipeline_job_schedule_time_utc", ({ createdMs }) => new Date(createdMs).toISOString()],
]);
