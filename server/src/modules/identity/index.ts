export type { AccessControl, Actor, Place, ResourceType, Visible } from "./actor.ts";
export type { Credentials, Identity, ProjectDirectory, RequestOrigin } from "./door.ts";
