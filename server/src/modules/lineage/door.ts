import type { LineageEdge, LineageRelation, LineageThing } from "@atrium/contract/lineage";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";

/** An edge to be drawn: *from* `relation` *to*, read as a sentence: a run produced a model. */
export interface NewEdge {
  projectId: string;
  from: LineageThing;
  relation: LineageRelation;
  to: LineageThing;
}

export interface Walk {
  projectId: string;
  from: LineageThing;
  /** `up`: where it came from; `down`: what came of it. */
  direction: "up" | "down" | "both";
  depthMax: number;
}

/** What other modules see of lineage. */
export interface Lineage {
  /** Draws an edge in the caller's transaction; the same edge twice stays one. */
  link(tx: Tx, edge: NewEdge): Promise<void>;
  /** Removes every edge that touches a thing which is gone for good; named without a version, all its versions. */
  unlink(tx: Tx, projectId: string, thing: LineageThing): Promise<void>;
  /** Gives a thing, with all its versions, another id. */
  rename(tx: Tx, projectId: string, thing: { type: string; id: string; newId: string }): Promise<void>;
  /** Edges around a thing, nearest first; `more` when the walk was cut by depth or by size. */
  walk(actor: Actor, asked: Walk): Promise<{ edges: LineageEdge[]; more: boolean }>;
  /** The main path through a thing, for the head of its page. */
  ribbon(actor: Actor, projectId: string, thing: LineageThing): Promise<(LineageThing & { self: boolean })[]>;
}
