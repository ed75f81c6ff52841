export type { Compute, EnvironmentSpec, Environments, Jobs, NewJob, ReadyEnvironment } from "./door.ts";
export { createEnvironments } from "./environments.ts";
