export type { Projects } from "./door.ts";
export { rewrapProjectKeys } from "./keys.ts";
export { createProjects } from "./projects.ts";
export { projectsRoutes } from "./routes.ts";
