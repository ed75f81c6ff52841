import { runStages } from "./run-stages.ts";
import { gateStages } from "./stages.ts";

process.once("SIGINT", () => process.exit(130));
process.exitCode = await runStages(gateStages, (line) => process.stdout.write(`${line}\n`));
