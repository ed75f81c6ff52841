import type { LineageRelation } from "@atrium/contract/lineage";

export interface LineageTables {
  lineage_edges: {
    project_id: string;
    from_thing: string;
    relation: LineageRelation;
    to_thing: string;
    at_ms: number;
  };
}
