import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The program that runs one function with the SDK's executor in a job's working folder. */
export const launcher = readFileSync(join(import.meta.dirname, "step.py"), "utf8");
