/**
 * All fault checks in a short form, one after the other; ATRIUM_DATABASE_URL names the database of those that use one.
 *   node conformance/faults/run.ts [--only TEXT]
 * Each is a program of its own, which runs longer by hand: see its flags.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { emptyPostgresUrl } from "../../checks/src/needs/postgres.ts";

interface Fault {
  name: string;
  /** What makes it short. */
  args: readonly string[];
  /** Where it tells something: files and settings are the same whatever the database. */
  on: "every database" | "sqlite" | "postgres";
}

const FAULTS: readonly Fault[] = [
  { name: "kill", args: ["--rounds", "6"], on: "every database" },
  { name: "jobs", args: ["--rounds", "4"], on: "every database" },
  { name: "pipelines", args: ["--rounds", "4"], on: "every database" },
  { name: "sample", args: ["--rounds", "4"], on: "sqlite" },
  { name: "plaintext", args: [], on: "every database" },
  { name: "security", args: [], on: "every database" },
  { name: "disk", args: [], on: "sqlite" },
  { name: "keys", args: ["--kills", "2"], on: "sqlite" },
  { name: "backup", args: ["--writes", "100"], on: "every database" },
  { name: "start", args: ["--upload-mib", "200", "--idle-seconds", "3"], on: "sqlite" },
  { name: "tls", args: [], on: "sqlite" },
  { name: "database-away", args: ["--away-seconds", "1"], on: "postgres" },
];

const { values: flags } = parseArgs({ options: { only: { type: "string", default: "" } } });
const database = process.env.ATRIUM_DATABASE_URL === undefined ? "sqlite" : "postgres";
const total = { passed: 0, failed: 0 };
for (const fault of FAULTS) {
  if (!fault.name.includes(flags.only) || !["every database", database].includes(fault.on)) continue;
  const begun = performance.now();
  const { passed, failed } = await runFault(fault);
  say(
    `-- ${fault.name}: ${passed} passed, ${failed} failed in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
  total.passed += passed;
  total.failed += failed;
}
say(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;

/** A check that broke off, without its closing line, counts as failed. */
async function runFault({ name, args }: Fault): Promise<{ passed: number; failed: number }> {
  const file = join(import.meta.dirname, `${name}.ts`);
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(await ownDatabase()) },
  });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  let text = "";
  for await (const piece of child.stdout.setEncoding("utf8")) text += piece;
  const closing = /^(\d+) passed, (\d+) failed\n$/m;
  const [, passed, failed] = closing.exec(text) ?? [];
  process.stdout.write(text.replace(closing, ""));
  if (passed === undefined) return { passed: 0, failed: 1 };
  const brokeOff = (await code) !== 0 && Number(failed) === 0;
  return { passed: Number(passed), failed: brokeOff ? 1 : Number(failed) };
}

/** Each check brings a key of its own, and a database belongs to one key. */
async function ownDatabase(): Promise<Record<string, string>> {
  const given = process.env.ATRIUM_DATABASE_URL;
  return given === undefined ? {} : { ATRIUM_DATABASE_URL: await emptyPostgresUrl(given) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
