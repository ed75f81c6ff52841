export type { ClientTags, RegistryDeps } from "./deps.ts";
export type {
  AliasAt,
  ModelAt,
  ModelVersions,
  NewModel,
  NewVersion,
  Registry,
  RegistrySearch,
  TagChanges,
  VersionAt,
} from "./door.ts";
export { registryJobs } from "./jobs.ts";
export { createRegistry } from "./registry.ts";
export { registryRoutes } from "./routes.ts";
