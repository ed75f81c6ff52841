import { parseArgs } from "node:util";
import { runStages } from "./run-stages.ts";
import { allStages } from "./stages.ts";

const HELP = `Runs all tests: atrium test [STAGE…]
  STAGE…    only the stages whose name contains one of these words
  --list    names the stages and runs nothing
`;

const print = (line: string) => process.stdout.write(`${line}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
// Said, not left to the event loop: nothing that a stage needed and left open may hold the end.
process.exit(await main(process.argv.slice(2)));

async function main(args: string[]): Promise<number> {
  let asked: ReturnType<typeof readArguments>;
  try {
    asked = readArguments(args);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const stages = allStages().filter(
    ({ name }) => asked.words.length === 0 || asked.words.some((word) => name.includes(word)),
  );
  if (asked.help) process.stdout.write(HELP);
  else if (asked.list) for (const { name } of stages) print(name);
  else if (stages.length > 0) return runStages(stages, print);
  else return refuse(`there is no stage like '${asked.words.join(" ")}'; see --list.`);
  return 0;
}

function refuse(message: string): number {
  process.stderr.write(`atrium test: ${message}\n${HELP}`);
  return 2;
}

function readArguments(args: string[]): { words: string[]; list: boolean; help: boolean } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { list: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  return { words: positionals, list: values.list, help: values.help };
}
