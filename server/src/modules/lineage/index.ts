export type { Lineage } from "./door.ts";
export { createLineage } from "./lineage.ts";
export { lineageRoutes } from "./routes.ts";
