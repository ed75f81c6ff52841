import type { FastifyInstance } from "fastify";
import { parse } from "yaml";
import { AppError } from "#lib/errors";
import type { KfpDeps } from "../deps.ts";
import { type Predicate, readFilter, readSort } from "../filter.ts";
import { toWirePipeline, toWireVersion, unknownKey } from "../translate.ts";
import { UPLOAD_BYTES_MAX, uploadedSpec } from "../upload.ts";
import {
  checkNamespace,
  createPipelineBody,
  pageQuery,
  read,
  uploadPipelineQuery,
  uploadVersionQuery,
} from "../wire.ts";
import { idOf, pageOf } from "./paging.ts";

const READ = { config: { permission: "pipeline:read", scope: "project" } } as const;
const WRITE = { config: { permission: "pipeline:write", scope: "project" } } as const;
const DELETE = { config: { permission: "pipeline:delete", scope: "project" } } as const;
const SORTS = { created_at: "createdMs", name: "name", display_name: "name" } as const;
const NO_ADDRESS = "This server fetches no pipeline from an address; upload the file (upload_pipeline).";

/** Pipelines and their versions. @remarks Wire format: backend/api/v2beta1/pipeline.proto. */
export function mountPipelines(scope: FastifyInstance, { pipelines }: KfpDeps): void {
  const { definitions } = pipelines;

  scope.get("/pipelines", READ, async ({ actor, projectId, query }) => {
    const asked = read(pageQuery, query);
    checkNamespace(asked.namespace);
    const found = await definitions.search(actor, projectId, {
      ...pageOf(asked),
      ...pipelineConditions(readFilter(asked.filter)),
      sort: readSort(asked.sort_by, SORTS),
    });
    return { pipelines: found.items.map(toWirePipeline), next_page_token: found.nextToken ?? "" };
  });
  scope.post("/pipelines", WRITE, async ({ actor, projectId, body }) => {
    const given = read(createPipelineBody, body);
    checkNamespace(given.namespace);
    const name = given.name || given.display_name;
    if (name === undefined || name === "")
      throw new AppError("invalid", "Invalid input error: a pipeline needs a name.", { at: "name" });
    const { display_name: displayName, description, tags } = given;
    return toWirePipeline(
      await definitions.create(actor, projectId, { name, displayName, description, tags }),
    );
  });
  scope.post("/pipelines/create", WRITE, async () => {
    throw new AppError("invalid", NO_ADDRESS, { at: "pipeline_version.package_url" });
  });
  scope.get("/pipelines/:id", READ, async ({ actor, projectId, params }) =>
    toWirePipeline(await definitions.get(actor, projectId, idOf(params))),
  );
  scope.get("/pipelines/names/:id", READ, async ({ actor, projectId, params }) =>
    toWirePipeline(await definitions.get(actor, projectId, idOf(params))),
  );
  scope.delete("/pipelines/:id", DELETE, async ({ actor, projectId, params }) => {
    await definitions.delete(actor, projectId, idOf(params));
    return {};
  });

  scope.get("/pipelines/:id/versions", READ, async ({ actor, projectId, params, query }) => {
    const asked = read(pageQuery, query);
    const name = nameIn(readFilter(asked.filter));
    const found = await definitions.versions(actor, projectId, {
      ...pageOf(asked),
      pipelineId: idOf(params),
      name,
      sort: readSort(asked.sort_by, SORTS),
    });
    return { pipeline_versions: found.items.map(toWireVersion), next_page_token: found.nextToken ?? "" };
  });
  scope.post("/pipelines/:id/versions", WRITE, async () => {
    throw new AppError("invalid", NO_ADDRESS, { at: "package_url" });
  });
  scope.get("/pipelines/:id/versions/:version", READ, async ({ actor, projectId, params }) => {
    const of = { pipelineId: idOf(params), versionId: idOf(params, "version") };
    const { version, spec } = await definitions.version(actor, projectId, of);
    return { ...toWireVersion(version), pipeline_spec: specObject(spec) };
  });
  scope.delete("/pipelines/:id/versions/:version", DELETE, async ({ actor, projectId, params }) => {
    const of = { pipelineId: idOf(params), versionId: idOf(params, "version") };
    await definitions.deleteVersion(actor, projectId, of);
    return {};
  });
}

/** Uploads have a parser of their own: nothing else here takes a form. */
export function mountUploads(scope: FastifyInstance, { pipelines }: KfpDeps): void {
  const { definitions } = pipelines;
  scope.addContentTypeParser(
    "multipart/form-data",
    { parseAs: "buffer", bodyLimit: UPLOAD_BYTES_MAX },
    (_request, body, done) => done(null, body),
  );

  scope.post("/pipelines/upload", WRITE, async (request) => {
    const { actor, projectId, query } = request;
    const given = read(uploadPipelineQuery, query);
    checkNamespace(given.namespace);
    const spec = await uploadedSpec(request);
    const { name, display_name: displayName, description, tags, code_source_url: codeSource } = given;
    const made = await definitions.upload(actor, projectId, {
      pipeline: { name: name || displayName || undefined, displayName, description, tags },
      version: { spec, description, codeSource },
    });
    return toWirePipeline(made.pipeline);
  });
  scope.post("/pipelines/upload_version", WRITE, async (request) => {
    const { actor, projectId, query } = request;
    const given = read(uploadVersionQuery, query);
    const spec = await uploadedSpec(request);
    const { name, display_name: displayName, description, tags, code_source_url: codeSource } = given;
    const version = { name: name || displayName, displayName, description, tags, codeSource, spec };
    return toWireVersion(await definitions.addVersion(actor, projectId, given.pipelineid, version));
  });
}

const TAG = "tags.";

function pipelineConditions(predicates: readonly Predicate[]): {
  name?: string;
  text?: string;
  tags?: Record<string, string>;
} {
  const made: ReturnType<typeof pipelineConditions> = {};
  for (const { key, operation, value } of predicates) {
    if (key.startsWith(TAG) && operation === "=")
      made.tags = { ...made.tags, [key.slice(TAG.length)]: String(value) };
    else if ((key === "display_name" || key === "name") && operation === "=") made.name = String(value);
    else if ((key === "display_name" || key === "name") && operation === "contains")
      made.text = String(value);
    else throw unknownKey(`${key} ${operation}`, ["name = …", "name contains …", "tags.<key> = …"]);
  }
  return made;
}

function nameIn(predicates: readonly Predicate[]): string | undefined {
  for (const { key, operation } of predicates)
    if ((key !== "display_name" && key !== "name") || operation !== "=") throw unknownKey(key, ["name = …"]);
  const [first] = predicates;
  return first === undefined ? undefined : String(first.value);
}

/** A spec of one document is that object; of two, both. */
export function specObject(spec: string): unknown {
  if (/^\s*\{/.test(spec)) return JSON.parse(spec);
  const [first = "", second] = spec.split(/^---\s*$/m).filter((part) => part.trim() !== "");
  if (second === undefined) return parse(first);
  return { pipeline_spec: parse(first), platform_spec: parse(second) };
}
