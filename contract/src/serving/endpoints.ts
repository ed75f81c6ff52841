import { z } from "zod";
import { coldStart, coldStartTable } from "./cold-start.ts";
import { columnName, description, endpointName, servingEngine, time } from "./fields.ts";

/** A value that comes with the request, beside the features. */
export const requestValue = z.strictObject({
  name: columnName,
  type: z.enum(["string", "number", "boolean"]),
});

/**
 * How an endpoint is asked. `direct`: the request holds the model's inputs, as tensors or rows. `entities`: it holds entity
 * ids and request values; the endpoint joins the features of a service itself.
 */
export const endpointInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("direct") }),
  z.strictObject({
    kind: z.literal("entities"),
    featureService: z.string().min(1).max(256),
    requestValues: z.array(requestValue).max(100).default([]),
    coldStart: coldStart.optional(),
  }),
]);
export type EndpointInput = z.output<typeof endpointInput>;

/** What is not set has the stated default; what an engine cannot honour is refused. */
export const deploymentSettings = z.strictObject({
  /** Processes that hold the model; each serves on its own. */
  copies: z.number().int().min(1).max(16).default(1),
  /** Threads of one computation. */
  threads: z.number().int().min(1).max(64).default(1),
  /** Of one copy; above it the copy is ended and started again. */
  memoryMiB: z.number().int().min(64).max(1_048_576).optional(),
  /** Requests that may wait; the next is answered 429. */
  queueMax: z.number().int().min(1).max(10_000).default(256),
  /** What a request may take with its waiting; then it is answered 504. */
  timeoutMs: z.number().int().min(10).max(600_000).default(30_000),
  /** Rows that one computation may join from several requests. */
  batchRowsMax: z.number().int().min(1).max(10_000).default(256),
});
export type DeploymentSettings = z.output<typeof deploymentSettings>;

export const deploymentState = z.enum(["pending", "starting", "ready", "failed", "draining", "retired"]);
export type DeploymentState = z.output<typeof deploymentState>;

/** One input or output as the Open Inference Protocol names it; -1 is any size. */
export const tensorShape = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.number().int()),
});
export type TensorShape = z.output<typeof tensorShape>;

export const deployment = z.object({
  id: z.string(),
  /** Counts from 1 in each endpoint. */
  number: z.number().int(),
  model: z.object({ name: z.string(), version: z.number().int(), alias: z.string().optional() }),
  engine: servingEngine,
  settings: deploymentSettings,
  state: deploymentState,
  /** Why it is in that state, for people: what failed, or what it waits for. */
  reason: z.string(),
  /** Its share of the traffic now, in percent. */
  weight: z.number(),
  inputs: z.array(tensorShape),
  outputs: z.array(tensorShape),
  createdBy: z.string(),
  createdMs: time,
  readyMs: time.optional(),
});
export type Deployment = z.output<typeof deployment>;

export const route = z.strictObject({
  /** A deployment's id. */
  deployment: z.string().min(1).max(64),
  /** Percent; those of a revision add up to 100. */
  weight: z.number().min(0).max(100),
});
export type Route = z.output<typeof route>;

/** One state of the routing; never changed after it was made. */
export const revision = z.object({
  number: z.number().int(),
  /** With what the deployments were, for most of them have ended since. */
  routes: z.array(
    z.object({
      deployment: z.string(),
      weight: z.number(),
      number: z.number().int(),
      model: z.object({ name: z.string(), version: z.number().int() }),
    }),
  ),
  why: z.enum(["deployed", "traffic", "rolled-back"]),
  atMs: time,
  by: z.string(),
});
export type Revision = z.output<typeof revision>;

export const servingEndpoint = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  input: endpointInput,
  /** `empty` has nothing to route to; `degraded` has a route whose engine is not ready. */
  state: z.enum(["empty", "starting", "ready", "degraded"]),
  /** 0 before the first switch. */
  revision: z.number().int(),
  routes: z.array(route),
  /** Newest first; those that are retired are left out. */
  deployments: z.array(deployment),
  coldStartTables: z.array(coldStartTable),
  /** A request's body for `predict` that works: as it was given, else made from the model's input example. */
  example: z.unknown().optional(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
});
export type ServingEndpoint = z.output<typeof servingEndpoint>;

const EXAMPLE_CHARACTERS_MAX = 64 * 1024; // It stands in forms and snippets that people read.

/** What forms and snippets are filled with: rows that whoever made the endpoint knows a good answer to. */
export const endpointExample = z
  .strictObject({ instances: z.array(z.record(columnName, z.unknown())).min(1).max(10) })
  .refine(
    (example) => JSON.stringify(example).length <= EXAMPLE_CHARACTERS_MAX,
    `An example has at most ${EXAMPLE_CHARACTERS_MAX} characters.`,
  );
export type EndpointExample = z.output<typeof endpointExample>;

export const newEndpoint = z.strictObject({
  name: endpointName,
  description: description.default(""),
  example: endpointExample.optional(),
  input: endpointInput.default({ kind: "direct" }),
});

export const newDeployment = z.strictObject({
  /** `models:/NAME/VERSION` or `models:/NAME@ALIAS`; the alias is resolved now. */
  model: z.string().min(1).max(600),
  /** ONNX where the model has it, when not given. */
  engine: servingEngine.optional(),
  /** Percent of the traffic once it is ready; the others share the rest as they did. */
  weight: z.number().min(0).max(100).default(100),
  settings: deploymentSettings.prefault({}),
});
