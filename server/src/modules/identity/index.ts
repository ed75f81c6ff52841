export type { AccessControl, Actor, Place, Visible } from "./actor.ts";
export type { Credentials, Identity, JobTokens } from "./door.ts";
export { createIdentity } from "./identity.ts";
export { identityJobs } from "./jobs.ts";
export { identityRoutes } from "./routes.ts";
export { SYSTEM } from "./system.ts";
