import { lineageApi } from "@atrium/contract/lineage";
import type { Serve } from "#lib/http";
import type { Actor } from "#modules/identity";
import type { Lineage } from "./door.ts";

/** Our own API of lineage. */
export function lineageRoutes(serve: Serve<Actor>, lineage: Lineage): void {
  serve(lineageApi.walk, ({ actor, projectId, query: { direction, depthMax, ...from } }) =>
    lineage.walk(actor, { projectId, from, direction, depthMax }),
  );
  serve(lineageApi.ribbon, async ({ actor, projectId, query }) => ({
    path: await lineage.ribbon(actor, projectId, query),
  }));
}
