export type { Registry } from "./door.ts";
export { registryJobs } from "./jobs.ts";
export { createRegistry } from "./registry.ts";
export { registryRoutes } from "./routes.ts";
