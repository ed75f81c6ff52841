import { type CommandRunner, createCommandRunner } from "./carry-out.ts";
import { createDefinitions } from "./definitions.ts";
import type { PipelinesDeps } from "./deps.ts";
import type { Pipelines } from "./door.ts";
import { createGate } from "./gate.ts";
import { listenToJobs } from "./job-news.ts";
import { createRunLog } from "./run-log.ts";
import { createRuns } from "./runs.ts";

/** Pipelines, their runs, and what carries out the runs' commands in a worker. */
export function createPipelines(deps: PipelinesDeps): Pipelines & { commands: CommandRunner } {
  const gate = createGate(deps);
  const log = createRunLog(deps);
  listenToJobs(deps, log);
  return {
    definitions: createDefinitions(deps, gate, log),
    runs: createRuns(deps, gate, log),
    commands: createCommandRunner(deps, log),
  };
}
