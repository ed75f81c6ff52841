import { parseAllDocuments } from "yaml";
import type { z } from "zod";
import { AppError } from "#lib/errors";
import type { Plan } from "#modules/pipelines";
import { buildPlan } from "./plan.ts";
import { type PipelineSpec, type PlatformSpec, pipelineSpec, platformSpec } from "./schema.ts";

const YAML_CHARS_MAX = 1024 * 1024; // 300 ms of parsing; a pipeline of a hundred components is a quarter of this.
const JSON_CHARS_MAX = 4 * 1024 * 1024; // The same time by the engine's own parser, checks included.
const ALIASES_MAX = 100; // Compilers write none; nested ones would swell a small text to gigabytes.
const DOCUMENTS_MAX = 2;

/**
 * Reads a compiled pipeline, YAML or JSON, and makes a plan of what can run here.
 * @throws AppError `invalid`; `at` and the message name the place, such as `components.comp-a.dag.tasks.b`
 */
export function readPlan(text: string): Plan {
  const documents = documentsOf(text);
  const [first, second] = documents.flatMap(unwrap);
  if (documents.length > DOCUMENTS_MAX || first === undefined)
    throw new AppError("invalid", "A pipeline is one document, or two with what belongs to a platform.", {
      at: "spec",
    });
  const spec = shaped<PipelineSpec>(pipelineSpec, first, "");
  const platform = second === undefined ? undefined : shaped<PlatformSpec>(platformSpec, second, "");
  return buildPlan(spec, platform);
}

/** The client sends both documents as one object when there are two. */
function unwrap(document: unknown): unknown[] {
  if (typeof document !== "object" || document === null || !("pipeline_spec" in document)) return [document];
  const { pipeline_spec, platform_spec, ...rest } = document as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw at(unknown, "There is no such field.");
  return platform_spec === undefined ? [pipeline_spec] : [pipeline_spec, platform_spec];
}

function documentsOf(text: string): unknown[] {
  const isJson = /^\s*\{/.test(text);
  const most = isJson ? JSON_CHARS_MAX : YAML_CHARS_MAX;
  if (text.length > most)
    throw new AppError("invalid", `The pipeline has ${text.length} characters; at most ${most} are read.`, {
      at: "spec",
    });
  if (text.includes("\0"))
    throw new AppError("invalid", "The pipeline holds a NUL character.", { at: "spec" });
  return isJson ? [fromJson(text)] : fromYaml(text);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", `The pipeline is not JSON: ${(cause as Error).message}.`, {
      at: "spec",
      cause,
    });
  }
}

function fromYaml(text: string): unknown[] {
  const documents = parseAllDocuments(text, { uniqueKeys: true, logLevel: "silent" });
  return [...documents].map((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new AppError("invalid", `The pipeline is not YAML: ${error.message.slice(0, 500)}`, {
        at: "spec",
      });
    try {
      return document.toJS({ maxAliasCount: ALIASES_MAX });
    } catch (cause) {
      throw new AppError("invalid", `The pipeline's YAML cannot be used: ${(cause as Error).message}.`, {
        at: "spec",
        cause,
      });
    }
  });
}

function shaped<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [place, ...(issue?.path ?? [])].filter((part) => part !== "").join(".");
  throw at(path, issue?.message ?? "It is not understood.");
}

function at(path: string, message: string): AppError {
  const place = path === "" ? "the top" : path;
  return new AppError("invalid", `The pipeline cannot be used; at ${place}: ${message}`, {
    at: path || "spec",
  });
}
