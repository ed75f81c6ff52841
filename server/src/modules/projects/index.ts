export type { NewProject, ProjectChanges, ProjectRef, Projects } from "./door.ts";
