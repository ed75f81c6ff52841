import { z } from "zod";
import { endpoint } from "../http.ts";
import { description, done, id, name, page, pageOf, text, time } from "./fields.ts";

export const group = z.object({
  id,
  organisationId: id,
  name: z.string(),
  description: z.string(),
  createdMs: time,
});
export type Group = z.output<typeof group>;

export const groupMember = z.object({
  kind: z.enum(["user", "service-account"]),
  id,
  name: z.string(),
  addedMs: time,
});
export type GroupMember = z.output<typeof groupMember>;

export const groupsApi = {
  listGroups: endpoint({
    method: "GET",
    path: "/groups",
    permission: "signed-in",
    scope: "instance",
    summary: "The groups that the caller may see, by name.",
    query: z.object({ ...page, text: text(200).optional() }),
    answer: pageOf(group),
  }),
  createGroup: endpoint({
    method: "POST",
    path: "/groups",
    permission: "group:write",
    scope: "organisation",
    summary: "Creates a group in the organisation of the current project.",
    body: z.strictObject({ name, description: description.default("") }),
    answer: group,
    status: 201,
  }),
  updateGroup: endpoint({
    method: "PATCH",
    path: "/groups/:group",
    permission: "signed-in",
    scope: "instance",
    summary: "Renames or describes a group.",
    params: z.object({ group: id }),
    body: z.strictObject({ name: name.optional(), description: description.optional() }),
    answer: group,
  }),
  deleteGroup: endpoint({
    method: "DELETE",
    path: "/groups/:group",
    permission: "signed-in",
    scope: "instance",
    summary: "Deletes a group, its memberships and its grants.",
    params: z.object({ group: id }),
    answer: done,
  }),
  listMembers: endpoint({
    method: "GET",
    path: "/groups/:group/members",
    permission: "signed-in",
    scope: "instance",
    summary: "A group's members.",
    params: z.object({ group: id }),
    query: z.object(page),
    answer: pageOf(groupMember),
  }),
  addMember: endpoint({
    method: "POST",
    path: "/groups/:group/members",
    permission: "signed-in",
    scope: "instance",
    summary: "Adds a user or service account; the caller must hold all that the group holds.",
    params: z.object({ group: id }),
    body: z.strictObject({ kind: z.enum(["user", "service-account"]), id }),
    answer: done,
  }),
  removeMember: endpoint({
    method: "DELETE",
    path: "/groups/:group/members/:member",
    permission: "signed-in",
    scope: "instance",
    summary: "Removes a member.",
    params: z.object({ group: id, member: id }),
    answer: done,
  }),
};
