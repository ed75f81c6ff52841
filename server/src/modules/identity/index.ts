export type { AccessControl, Actor, Place, ResourceType, Visible } from "./actor.ts";
