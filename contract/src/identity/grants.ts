import { z } from "zod";
import { endpoint } from "../http.ts";
import { PERMISSIONS } from "../permissions.ts";
import { description, done, id, name, page, pageOf, permission, text, time } from "./fields.ts";

export const principalKind = z.enum(["user", "service-account", "group"]);
export type PrincipalKind = z.output<typeof principalKind>;
export const principal = z.strictObject({ kind: principalKind, id });
export type Principal = z.output<typeof principal>;

/** Where a grant holds: there and in everything below. */
export const grantPlace = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("instance") }),
  z.strictObject({ kind: z.literal("organisation"), organisationId: id }),
  z.strictObject({ kind: z.literal("project"), projectId: id }),
  z.strictObject({
    kind: z.literal("resource"),
    projectId: id,
    type: z.enum(["experiment", "model"]),
    id: text(256).min(1),
  }),
]);
export type GrantPlace = z.output<typeof grantPlace>;

export const roleAtPlace = z.strictObject({ roleId: id, place: grantPlace });
export type RoleAtPlace = z.output<typeof roleAtPlace>;

export const role = z.object({
  id,
  name: z.string(),
  description: z.string(),
  permissions: z.array(permission),
  builtIn: z.boolean(),
});
export type Role = z.output<typeof role>;

export const grant = z.object({
  id,
  principal: z.object({ kind: principalKind, id, name: z.string() }),
  roleId: id,
  place: grantPlace,
  createdMs: time,
  createdBy: z.string(),
});
export type Grant = z.output<typeof grant>;

/** Roles, and who has which of them where. */
export const grantsApi = {
  listRoles: endpoint({
    method: "GET",
    path: "/roles",
    permission: "signed-in",
    scope: "instance",
    summary: "Built-in and custom roles.",
    answer: z.object({ items: z.array(role) }),
  }),
  createRole: endpoint({
    method: "POST",
    path: "/roles",
    permission: "role:write",
    scope: "instance",
    summary: "Creates a role from permissions that the caller holds.",
    body: z.strictObject({
      name,
      description: description.default(""),
      permissions: z.array(permission).min(1).max(PERMISSIONS.length),
    }),
    answer: role,
    status: 201,
  }),
  updateRole: endpoint({
    method: "PATCH",
    path: "/roles/:role",
    permission: "role:write",
    scope: "instance",
    summary: "Changes a custom role, for everyone who has it.",
    params: z.object({ role: id }),
    body: z.strictObject({
      name: name.optional(),
      description: description.optional(),
      permissions: z.array(permission).min(1).max(PERMISSIONS.length).optional(),
    }),
    answer: role,
  }),
  deleteRole: endpoint({
    method: "DELETE",
    path: "/roles/:role",
    permission: "role:write",
    scope: "instance",
    summary: "Deletes a custom role that nobody has.",
    params: z.object({ role: id }),
    answer: done,
  }),
  listGrants: endpoint({
    method: "GET",
    path: "/grants",
    permission: "signed-in",
    scope: "instance",
    summary: "Grants that the caller may see, newest first.",
    query: z.object({
      ...page,
      principalId: id.optional(),
      projectId: id.optional(),
      organisationId: id.optional(),
    }),
    answer: pageOf(grant),
  }),
  createGrant: endpoint({
    method: "POST",
    path: "/grants",
    permission: "signed-in",
    scope: "instance",
    summary: "Gives a role in a place; the caller must hold all that the role holds there.",
    body: z.strictObject({ principal, roleId: id, place: grantPlace }),
    answer: grant,
    status: 201,
  }),
  revokeGrant: endpoint({
    method: "DELETE",
    path: "/grants/:grant",
    permission: "signed-in",
    scope: "instance",
    summary: "Takes a grant away.",
    params: z.object({ grant: id }),
    answer: done,
  }),
};
