import { z } from "zod";
import { endpoint } from "./http.ts";

/** A thing of a project: `type` is its noun (`run`, `model-version`, `dataset`, `endpoint`). */
export const lineageThing = z.object({
  type: z.string().regex(/^[a-z][a-z-]{0,40}$/),
  id: z.string().min(1).max(512),
  version: z.string().max(128).optional(),
});
export type LineageThing = z.output<typeof lineageThing>;

/** Read as a sentence: *from* `relation` *to*: a run produced a model; a run consumed a dataset. */
export const lineageRelation = z.enum(["produced", "consumed", "derived", "deployed"]);
export type LineageRelation = z.output<typeof lineageRelation>;

export const lineageEdge = z.object({
  from: lineageThing,
  relation: lineageRelation,
  to: lineageThing,
  atMs: z.number().int(),
});
export type LineageEdge = z.output<typeof lineageEdge>;

export const lineageApi = {
  walk: endpoint({
    method: "GET",
    path: "/lineage",
    permission: "lineage:read",
    scope: "project",
    summary: "What a thing came from (up), what came of it (down), or both; as edges, nearest first.",
    query: lineageThing.extend({
      direction: z.enum(["up", "down", "both"]).default("both"),
      depthMax: z.coerce.number().int().min(1).max(20).default(5),
    }),
    answer: z.object({
      edges: z.array(lineageEdge),
      /** True when the graph goes on beyond what was asked for or is answered at once. */
      more: z.boolean(),
    }),
  }),
  ribbon: endpoint({
    method: "GET",
    path: "/lineage/ribbon",
    permission: "lineage:read",
    scope: "project",
    summary:
      "The main path through a thing, from its first origin to its last use, for the head of its page.",
    query: lineageThing,
    answer: z.object({ path: z.array(lineageThing.extend({ self: z.boolean() })) }),
  }),
};
