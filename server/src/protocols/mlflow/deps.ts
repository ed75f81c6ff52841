import type { Artifacts } from "#modules/artifacts";
import type { Projects } from "#modules/projects";
import type { Registry } from "#modules/registry";
import type { Tracking } from "#modules/tracking";

/** The front doors that this protocol stands on; wiring hands them in. */
export interface MlflowDeps {
  tracking: Tracking;
  registry: Registry;
  artifacts: Artifacts;
  projects: Projects;
  /** Of this server, as `0.1.0`. */
  version: string;
}
