import { z } from "zod";
import { endpoint } from "./http.ts";

/** A project's short name: unique in the instance, part of addresses. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "Use 1 to 63 of a–z, 0–9 and -, not beginning with -.");
const displayName = z.string().trim().min(1).max(120);
const description = z.string().max(4000);

export const organisation = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  createdMs: z.number().int(),
});
export type Organisation = z.output<typeof organisation>;

export const projectState = z.enum(["active", "archived", "deleted"]);

/** Settings that a project's maintainers choose. Absent means the instance's default. */
export const projectSettings = z.strictObject({
  telemetryDays: z.number().int().min(1).max(3650).optional(),
  telemetryBytesMax: z.number().int().min(1_000_000).optional(),
  defaultCompute: z.string().max(100).optional(),
  /** Hosts, as they stand in addresses, that webhooks may reach although they lie in a private network. */
  privateWebhookHosts: z.array(z.string().min(1).max(253)).max(20).optional(),
});
export type ProjectSettings = z.output<typeof projectSettings>;

export const project = z.object({
  id: z.string(),
  organisationId: z.string(),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  settings: projectSettings,
  state: projectState,
  createdMs: z.number().int(),
  updatedMs: z.number().int(),
  /** When it was deleted; it can be restored until it is purged. */
  deletedMs: z.number().int().optional(),
});
export type Project = z.output<typeof project>;

/** What a quota can bound. Bytes and counts; each is enforced by the module that owns the thing. */
export const quotaResource = z.enum([
  "artifactBytes",
  "telemetryBytes",
  "experiments",
  "runs",
  "models",
  "secrets",
]);
export type QuotaResource = z.output<typeof quotaResource>;
export const quota = z.object({
  resource: quotaResource,
  used: z.number().int(),
  /** Absent: no limit. */
  maximum: z.number().int().optional(),
});
export type Quota = z.output<typeof quota>;

const secretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "Use the form of an environment variable's name.");
export const projectSecret = z.object({
  name: z.string(),
  createdMs: z.number().int(),
  updatedMs: z.number().int(),
  updatedBy: z.string(),
});
export type ProjectSecret = z.output<typeof projectSecret>;

const byProject = z.object({ project: z.string().max(100) });
const page = z.object({
  pageSize: z.coerce.number().int().min(1).max(1000).default(200),
  pageToken: z.string().max(500).optional(),
});

export const projectsApi = {
  listOrganisations: endpoint({
    method: "GET",
    path: "/organisations",
    permission: "signed-in",
    scope: "instance",
    summary: "The organisations in which the caller may see something.",
    answer: z.object({ items: z.array(organisation) }),
  }),
  createOrganisation: endpoint({
    method: "POST",
    path: "/organisations",
    permission: "instance:write",
    scope: "instance",
    summary: "Creates an organisation.",
    body: z.strictObject({ slug, name: displayName }),
    answer: organisation,
    status: 201,
  }),
  renameOrganisation: endpoint({
    method: "PATCH",
    path: "/organisations/:organisation",
    permission: "signed-in",
    scope: "instance",
    summary: "Gives an organisation another display name.",
    params: z.object({ organisation: z.string().max(100) }),
    body: z.strictObject({ name: displayName }),
    answer: organisation,
  }),
  listProjects: endpoint({
    method: "GET",
    path: "/projects",
    permission: "signed-in",
    scope: "instance",
    summary: "The projects that the caller may see, by name.",
    query: page.extend({ state: projectState.default("active") }),
    answer: z.object({ items: z.array(project), nextToken: z.string().optional() }),
  }),
  createProject: endpoint({
    method: "POST",
    path: "/projects",
    permission: "signed-in",
    scope: "instance",
    summary: "Creates a project in an organisation; without one, in the default organisation.",
    body: z.strictObject({
      slug,
      name: displayName.optional(),
      description: description.default(""),
      organisationId: z.string().max(100).optional(),
    }),
    answer: project,
    status: 201,
  }),
  getProject: endpoint({
    method: "GET",
    path: "/projects/:project",
    permission: "signed-in",
    scope: "instance",
    summary: "One project, by slug or id.",
    params: byProject,
    answer: project,
  }),
  updateProject: endpoint({
    method: "PATCH",
    path: "/projects/:project",
    permission: "signed-in",
    scope: "instance",
    summary: "Changes a project's name, description or settings.",
    params: byProject,
    body: z.strictObject({
      name: displayName.optional(),
      description: description.optional(),
      settings: projectSettings.optional(),
    }),
    answer: project,
  }),
  setProjectState: endpoint({
    method: "PUT",
    path: "/projects/:project/state",
    permission: "signed-in",
    scope: "instance",
    summary: "Archives, deletes or restores a project. A deleted one keeps its data until it is purged.",
    params: byProject,
    body: z.strictObject({ state: projectState }),
    answer: project,
  }),
  purgeProject: endpoint({
    method: "POST",
    path: "/projects/:project/purge",
    permission: "signed-in",
    scope: "instance",
    summary: "Destroys a deleted project's key, and with it all its data, for good. Its slug confirms.",
    params: byProject,
    body: z.strictObject({ confirmSlug: z.string().max(100) }),
    answer: z.object({}),
  }),
  listQuotas: endpoint({
    method: "GET",
    path: "/project/quotas",
    permission: "project:read",
    scope: "project",
    summary: "What the project uses and may use.",
    answer: z.object({ items: z.array(quota) }),
  }),
  setQuota: endpoint({
    method: "PUT",
    path: "/project/quotas/:resource",
    permission: "project:read",
    scope: "project",
    summary: "Sets or lifts one limit; asks for organisation:write.",
    params: z.object({ resource: quotaResource }),
    body: z.strictObject({ maximum: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable() }),
    answer: quota,
  }),
  listSecrets: endpoint({
    method: "GET",
    path: "/project/secrets",
    permission: "secret:read",
    scope: "project",
    summary: "Names of the project's secrets; values are never shown again.",
    answer: z.object({ items: z.array(projectSecret) }),
  }),
  setSecret: endpoint({
    method: "PUT",
    path: "/project/secrets/:name",
    permission: "secret:write",
    scope: "project",
    summary: "Creates or replaces a secret.",
    params: z.object({ name: secretName }),
    body: z.strictObject({
      value: z
        .string()
        .min(1)
        .max(64 * 1024),
    }),
    answer: projectSecret,
  }),
  deleteSecret: endpoint({
    method: "DELETE",
    path: "/project/secrets/:name",
    permission: "secret:write",
    scope: "project",
    summary: "Deletes a secret.",
    params: z.object({ name: secretName }),
    answer: z.object({}),
  }),
};
