/**
 * The statistics of monitoring against scipy and scikit-learn on the same generated data; PYTHON names an interpreter
 * that has what requirements.txt lists.
 *   node conformance/statistics/run.ts
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compareCase, type StatisticsCase } from "./compare.ts";

const SHOWN_MAX = 20; // Of failures; one broken formula fails hundreds of cases.

const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

const child = spawn(python, ["-B", join(import.meta.dirname, "cases.py")], {
  stdio: ["ignore", "pipe", "inherit"],
});
const ended = new Promise<number>((resolve, reject) => {
  child.once("error", reject);
  child.once("exit", (code) => resolve(code ?? 1));
});
let passed = 0;
const failures: string[] = [];
for await (const line of createInterface({ input: child.stdout })) {
  const wrong = compareCase(JSON.parse(line) as StatisticsCase);
  if (wrong.length === 0) passed += 1;
  else failures.push(`${wrong.join("; ")} in ${line.slice(0, 300)}`);
}
const status = await ended;
for (const failure of failures.slice(0, SHOWN_MAX)) process.stderr.write(`${failure}\n`);
if (status !== 0) process.stderr.write(`cases.py ended with status ${status}\n`);
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exitCode = failures.length > 0 || status !== 0 || passed === 0 ? 1 : 0;
