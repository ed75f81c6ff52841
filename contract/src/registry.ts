import { z } from "zod";
import { endpoint } from "./http.ts";

const name = z.string().min(1).max(256);
const key = z.string().min(1).max(250);
const description = z.string().max(100_000);
const time = z.number().int();
const tags = z.record(z.string(), z.string());
const tagChanges = z.record(key, z.string().max(100_000).nullable());
const aliasName = z.string().min(1).max(255);
const versionNumber = z.coerce.number().int().min(1);

/** A version's stage, as older clients still use it; aliases are what people should use. */
export const stage = z.enum(["None", "Staging", "Production", "Archived"]);
export type Stage = z.output<typeof stage>;

export const modelVersion = z.object({
  name: z.string(),
  /** Counts from 1 in each model; numbers of deleted versions are never used again. */
  version: z.number().int(),
  description: z.string(),
  stage,
  status: z.enum(["READY", "PENDING", "FAILED"]),
  /** As the client gave it: `models:/m-…`, `runs:/…` or an artifact address. */
  source: z.string(),
  /** Where its files begin, below the project; absent when they lie elsewhere. */
  artifactPath: z.string().optional(),
  runId: z.string().optional(),
  loggedModelId: z.string().optional(),
  runLink: z.string().optional(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
  aliases: z.array(z.string()),
  tags,
});
export type ModelVersion = z.output<typeof modelVersion>;

export const registeredModel = z.object({
  name: z.string(),
  description: z.string(),
  createdMs: time,
  updatedMs: time,
  tags,
  /** Alias to version number. */
  aliases: z.record(z.string(), z.number().int()),
  /** The newest version of each stage that has one, newest first. */
  latestVersions: z.array(modelVersion),
  versions: z.number().int(),
});
export type RegisteredModel = z.output<typeof registeredModel>;

/** One move of an alias; `toVersion` is absent when it was taken away. */
export const aliasMove = z.object({
  alias: z.string(),
  fromVersion: z.number().int().optional(),
  toVersion: z.number().int().optional(),
  atMs: time,
  by: z.string(),
});
export type AliasMove = z.output<typeof aliasMove>;

/** What a webhook may be told of, `<entity>.<action>`, as the mlflow client names it. */
export const webhookEvent = z.enum([
  "registered_model.created",
  "model_version.created",
  "model_version_tag.set",
  "model_version_tag.deleted",
  "model_version_alias.created",
  "model_version_alias.deleted",
  "prompt.created",
  "prompt_version.created",
  "prompt_tag.set",
  "prompt_tag.deleted",
  "prompt_version_tag.set",
  "prompt_version_tag.deleted",
  "prompt_alias.created",
  "prompt_alias.deleted",
]);
export type WebhookEvent = z.output<typeof webhookEvent>;

export const modelWebhook = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  url: z.string(),
  events: z.array(webhookEvent),
  state: z.enum(["active", "disabled"]),
  /** Whether a secret signs its messages; the secret itself is never shown. */
  signed: z.boolean(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
});
export type ModelWebhook = z.output<typeof modelWebhook>;

/** A message to a webhook: at least once, tried again for ten minutes, kept a month. */
export const webhookDelivery = z.object({
  id: z.string(),
  event: webhookEvent,
  state: z.enum(["pending", "delivered", "failed"]),
  attempts: z.number().int(),
  createdMs: time,
  nextMs: time.optional(),
  endedMs: time.optional(),
  lastStatus: z.number().int().optional(),
  lastError: z.string().optional(),
});
export type WebhookDelivery = z.output<typeof webhookDelivery>;

export const webhookTest = z.object({
  delivered: z.boolean(),
  status: z.number().int().optional(),
  error: z.string().optional(),
});
export type WebhookTest = z.output<typeof webhookTest>;

const newWebhook = z.strictObject({
  name: z.string().min(1).max(63),
  url: z.string().min(1).max(2000),
  events: z.array(webhookEvent).min(1).max(webhookEvent.options.length),
  description: z.string().max(1000).optional(),
  /** Signs messages, as `X-MLflow-Signature`; empty takes it away. */
  secret: z.string().max(1000).optional(),
  state: modelWebhook.shape.state.optional(),
});

const page = {
  pageSize: z.coerce.number().int().min(1).max(1000).default(100),
  pageToken: z.string().max(4000).optional(),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
const byModel = z.object({ model: name });
const byVersion = z.object({ model: name, version: versionNumber });
const byWebhook = z.object({ webhook: z.string().min(1).max(64) });

export const registryApi = {
  listModels: endpoint({
    method: "GET",
    path: "/models",
    permission: "model:read",
    scope: "project",
    summary: "Registered models, by name; a filter in the mlflow client's language.",
    query: z.object({ ...page, filter: z.string().max(4000).default("") }),
    answer: pageOf(registeredModel),
  }),
  createModel: endpoint({
    method: "POST",
    path: "/models",
    permission: "model:write",
    scope: "project",
    summary: "Registers a model's name.",
    body: z.strictObject({
      name,
      description: description.default(""),
      tags: z.record(key, z.string()).default({}),
    }),
    answer: registeredModel,
    status: 201,
  }),
  getModel: endpoint({
    method: "GET",
    path: "/models/:model",
    permission: "model:read",
    scope: "project",
    summary: "One registered model.",
    params: byModel,
    answer: registeredModel,
  }),
  updateModel: endpoint({
    method: "PATCH",
    path: "/models/:model",
    permission: "model:write",
    scope: "project",
    summary: "Renames or describes a model, or sets its tags; null removes one.",
    params: byModel,
    body: z.strictObject({
      name: name.optional(),
      description: description.optional(),
      tags: tagChanges.optional(),
    }),
    answer: registeredModel,
  }),
  deleteModel: endpoint({
    method: "DELETE",
    path: "/models/:model",
    permission: "model:delete",
    scope: "project",
    summary: "Deletes a model with all its versions; the runs' files stay.",
    params: byModel,
    answer: z.object({}),
  }),
  listVersions: endpoint({
    method: "GET",
    path: "/models/:model/versions",
    permission: "model:read",
    scope: "project",
    summary: "A model's versions, newest first.",
    params: byModel,
    query: z.object(page),
    answer: pageOf(modelVersion),
  }),
  createVersion: endpoint({
    method: "POST",
    path: "/models/:model/versions",
    permission: "model:write",
    scope: "project",
    summary: "Registers a run's or a logged model's files as the next version.",
    params: byModel,
    body: z
      .strictObject({
        runId: z.string().min(1).max(256).optional(),
        loggedModelId: z.string().min(1).max(256).optional(),
        /** Below the run's files; a logged model is registered whole. */
        path: z.string().max(1024).optional(),
        description: description.default(""),
        tags: z.record(key, z.string()).default({}),
      })
      .refine(
        (given) => (given.runId === undefined) !== (given.loggedModelId === undefined),
        "Name either a run or a logged model.",
      )
      .refine((given) => given.path === undefined || given.runId !== undefined, "A path goes with a run."),
    answer: modelVersion,
    status: 201,
  }),
  getVersion: endpoint({
    method: "GET",
    path: "/models/:model/versions/:version",
    permission: "model:read",
    scope: "project",
    summary: "One version.",
    params: byVersion,
    answer: modelVersion,
  }),
  updateVersion: endpoint({
    method: "PATCH",
    path: "/models/:model/versions/:version",
    permission: "model:write",
    scope: "project",
    summary: "Describes a version, or sets its tags; null removes one.",
    params: byVersion,
    body: z.strictObject({ description: description.optional(), tags: tagChanges.optional() }),
    answer: modelVersion,
  }),
  moveVersion: endpoint({
    method: "POST",
    path: "/models/:model/versions/:version/stage",
    permission: "model:promote",
    scope: "project",
    summary: "Moves a version to a stage; `archived` moves the others of Staging or Production out of it.",
    params: byVersion,
    body: z.strictObject({ stage, others: z.enum(["kept", "archived"]).default("kept") }),
    answer: modelVersion,
  }),
  deleteVersion: endpoint({
    method: "DELETE",
    path: "/models/:model/versions/:version",
    permission: "model:delete",
    scope: "project",
    summary: "Deletes a version and its aliases; its number is never used again.",
    params: byVersion,
    answer: z.object({}),
  }),
  setAlias: endpoint({
    method: "PUT",
    path: "/models/:model/aliases/:alias",
    permission: "model:promote",
    scope: "project",
    summary: "Points an alias at a version, moving it from where it was.",
    params: byModel.extend({ alias: aliasName }),
    body: z.strictObject({ version: z.number().int().min(1) }),
    answer: registeredModel,
  }),
  deleteAlias: endpoint({
    method: "DELETE",
    path: "/models/:model/aliases/:alias",
    permission: "model:promote",
    scope: "project",
    summary: "Takes an alias away.",
    params: byModel.extend({ alias: aliasName }),
    answer: registeredModel,
  }),
  aliasHistory: endpoint({
    method: "GET",
    path: "/models/:model/alias-history",
    permission: "model:read",
    scope: "project",
    summary: "Every move of every alias, newest first.",
    params: byModel,
    query: z.object(page),
    answer: pageOf(aliasMove),
  }),
  listWebhooks: endpoint({
    method: "GET",
    path: "/model-webhooks",
    permission: "model:promote",
    scope: "project",
    summary: "Addresses that are told of changes of models and prompts, the newest first.",
    query: z.object(page),
    answer: pageOf(modelWebhook),
  }),
  createWebhook: endpoint({
    method: "POST",
    path: "/model-webhooks",
    permission: "model:promote",
    scope: "project",
    summary: "Names an address that is told of changes from now on.",
    body: newWebhook,
    answer: modelWebhook,
    status: 201,
  }),
  getWebhook: endpoint({
    method: "GET",
    path: "/model-webhooks/:webhook",
    permission: "model:promote",
    scope: "project",
    summary: "One webhook.",
    params: byWebhook,
    answer: modelWebhook,
  }),
  updateWebhook: endpoint({
    method: "PATCH",
    path: "/model-webhooks/:webhook",
    permission: "model:promote",
    scope: "project",
    summary: "Changes a webhook; what is not named stays.",
    params: byWebhook,
    body: newWebhook.partial(),
    answer: modelWebhook,
  }),
  deleteWebhook: endpoint({
    method: "DELETE",
    path: "/model-webhooks/:webhook",
    permission: "model:promote",
    scope: "project",
    summary: "Deletes a webhook with what waits for it and the log of what was sent.",
    params: byWebhook,
    answer: z.object({}),
  }),
  testWebhook: endpoint({
    method: "POST",
    path: "/model-webhooks/:webhook/test",
    permission: "model:promote",
    scope: "project",
    summary: "Sends an example at once and says how it went.",
    params: byWebhook,
    body: z.strictObject({ event: webhookEvent.optional() }),
    answer: webhookTest,
  }),
  listWebhookDeliveries: endpoint({
    method: "GET",
    path: "/model-webhooks/:webhook/deliveries",
    permission: "model:promote",
    scope: "project",
    summary: "What was sent to a webhook, or waits to be, the newest first.",
    params: byWebhook,
    query: z.object(page),
    answer: pageOf(webhookDelivery),
  }),
};
