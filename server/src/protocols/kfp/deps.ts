import type { Pipelines } from "#modules/pipelines";
import type { Tracking } from "#modules/tracking";

/** The front doors that this protocol stands on; wiring hands them in. */
export interface KfpDeps {
  pipelines: Pipelines;
  tracking: Tracking;
  /** Of this server, as `0.1.0`. */
  version: string;
}
