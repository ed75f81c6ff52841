import type { Command } from "../lib/command.ts";
import { auditCommands } from "./audit.ts";
import { identityCommands } from "./identity.ts";
import { operationsCommands } from "./operations.ts";
import { projectCommands } from "./projects.ts";
import { telemetryCommands } from "./telemetry.ts";

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  ...identityCommands,
  ...projectCommands,
  ...telemetryCommands,
  ...auditCommands,
  ...operationsCommands,
];
