export type { AccessControl, Actor, Place, ResourceType, Visible } from "./actor.ts";
export type { IdentityDeps } from "./deps.ts";
export type { Credentials, Identity, ProjectDirectory, RequestOrigin } from "./door.ts";
export { createIdentity } from "./identity.ts";
export { identityJobs } from "./jobs.ts";
export { identityRoutes } from "./routes.ts";
