export type { Lineage, NewEdge, Walk } from "./door.ts";
