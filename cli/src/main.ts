import { commands } from "./commands/index.ts";
import { currentServer } from "./lib/credentials.ts";
import { Failure, UsageError } from "./lib/failure.ts";
import { explain, overview } from "./lib/help.ts";
import { createOutput } from "./lib/output.ts";
import { findCommand, parseArguments } from "./lib/parse.ts";
import { connect } from "./lib/server.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

// `atrium logs | head` closes the pipe early: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : EXIT_FAILURE);
});
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const [first] = args;
  if (first === undefined || first === "help" || first.startsWith("-")) return front(first);
  const found = findCommand(commands, args);
  if (found === undefined) return misused(`there is no command '${first}'.`, overview(similar(first)));
  try {
    const { words, flags } = parseArguments(found.command, found.rest);
    if (flags.help === true) return say(explain(found.command));
    const project = typeof flags.project === "string" ? { project: flags.project } : {};
    await found.command.run({
      words,
      flags,
      server: () => connect({ ...currentServer(), ...project }),
      output: createOutput(flags.json === true ? "json" : "human"),
    });
    return 0;
  } catch (thrown) {
    if (thrown instanceof UsageError) return misused(thrown.message, explain(found.command));
    if (!(thrown instanceof Failure)) throw thrown;
    process.stderr.write(`atrium: ${thrown.message}\n`);
    return EXIT_FAILURE;
  }
}

function front(first: string | undefined): number {
  if (first === undefined || ["help", "--help", "-h"].includes(first)) return say(overview(commands));
  return misused(`there is no flag '${first}' here.`, overview(commands));
}

/** The commands of a group, when the first word names one: `atrium token` lists what tokens offer. */
function similar(first: string): typeof commands {
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  return group.length > 0 ? group : commands;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function misused(message: string, help: string): number {
  process.stderr.write(`atrium: ${message}\n\n${help}\n`);
  return EXIT_USAGE;
}
