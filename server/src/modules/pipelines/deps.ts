import type { Clock } from "#lib/clock";
import type { Log } from "#lib/log";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { Jobs } from "#modules/compute";
import type { AccessControl } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Tracking } from "#modules/tracking";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { Plan } from "./plan.ts";
import type { StepVariables } from "./step-job.ts";

/** What pipelines stand on; wiring hands it in. */
export interface PipelinesDeps {
  db: Database;
  clock: Clock;
  log: Log;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce" | "subscribe">;
  lineage: Pick<Lineage, "link" | "unlink">;
  artifacts: Pick<Artifacts, "get" | "stat" | "list">;
  jobs: Pick<Jobs, "submit" | "checkSubmit" | "cancel" | "get" | "log">;
  /** Words of clients for the step that they run in. */
  stepVariables: StepVariables;
  /** Tags by which those clients' runs say so again. */
  stepTags: StepTags;
  tracking: { experiments: Pick<Tracking["experiments"], "get">; runs: Pick<Tracking["runs"], "search"> };
  /** Reads a compiled pipeline. @throws AppError `invalid` naming the place in it */
  readPlan(text: string): Promise<Plan>;
  /** Source of the program that runs a step's function in its working folder. */
  launcher: string;
  /** The address by which clients find a file of the project. */
  artifactUri(path: string): string;
}

export interface StepTags {
  run: string;
  step: string;
}
