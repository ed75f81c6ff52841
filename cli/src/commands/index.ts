import type { Command } from "../lib/command.ts";
import { auditCommands } from "./audit.ts";
import { datasetCommands } from "./datasets.ts";
import { featureStoreCommands } from "./feature-store.ts";
import { identityCommands } from "./identity.ts";
import { jobCommands } from "./jobs.ts";
import { monitoringCommands } from "./monitoring.ts";
import { notebookCommands } from "./notebooks.ts";
import { operationsCommands } from "./operations.ts";
import { pipelineCommands } from "./pipelines.ts";
import { projectCommands } from "./projects.ts";
import { registryCommands } from "./registry.ts";
import { runCommand } from "./run.ts";
import { servingCommands } from "./serving.ts";
import { telemetryCommands } from "./telemetry.ts";
import { trackingCommands } from "./tracking.ts";

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  ...identityCommands,
  ...projectCommands,
  runCommand,
  ...jobCommands,
  ...notebookCommands,
  ...pipelineCommands,
  ...trackingCommands,
  ...registryCommands,
  ...featureStoreCommands,
  ...datasetCommands,
  ...monitoringCommands,
  ...servingCommands,
  ...telemetryCommands,
  ...auditCommands,
  ...operationsCommands,
];
