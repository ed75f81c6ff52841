import { parseArgs } from "node:util";
import type { Asked, Command, Flag } from "./command.ts";
import { UsageError } from "./failure.ts";

/** Flags that every command takes. */
export const EVERYWHERE = {
  project: { value: "PROJECT", help: "work in this project; else ATRIUM_PROJECT, or the one in use" },
  json: { help: "print JSON" },
  help: { help: "explain the command" },
} as const satisfies Record<string, Flag>;

export interface Parsed {
  words: string[];
  flags: Asked["flags"];
}

/** The command that the words name, the longest first, and what is left of them. */
export function findCommand(
  commands: readonly Command[],
  args: readonly string[],
): { command: Command; rest: string[] } | undefined {
  const fits = commands.filter(({ name }) => name.split(" ").every((word, at) => args[at] === word));
  const command = fits.sort((a, b) => b.name.length - a.name.length)[0];
  return command && { command, rest: args.slice(command.name.split(" ").length) };
}

/** Checks arguments against what the command declares. @throws UsageError */
export function parseArguments(command: Command, args: readonly string[]): Parsed {
  const { words, flags } = split({ ...EVERYWHERE, ...command.flags }, args);
  if (flags.help === true) return { words, flags };
  const required = command.words.filter((word) => !word.startsWith("["));
  const most = command.words.some((word) => word.includes("…")) ? Infinity : command.words.length;
  const missing = required[words.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`);
  if (words.length > most) throw new UsageError(`'${words[most]}' is one argument too many.`);
  return { words, flags };
}

/** `--sort -started` means what `--sort=-started` does: Node takes a value with a dash for a forgotten one. */
function joinValues(declared: Record<string, Flag>, args: readonly string[]): string[] {
  const joined: string[] = [];
  const end = args.indexOf("--"); // What follows is another program's.
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    const before = joined.at(-1) ?? "";
    const awaits = before.startsWith("--") && declared[before.slice(2)]?.value !== undefined;
    if (awaits && /^-[^-]/.test(arg)) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return end < 0 ? joined : [...joined, ...args.slice(end)];
}

function split(declared: Record<string, Flag>, args: readonly string[]): Parsed {
  const options = Object.fromEntries(
    Object.entries(declared).map(([name, { value, short }]) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: joinValues(declared, args),
      options,
      allowPositionals: true,
    });
    return { words: positionals, flags: { ...values } };
  } catch (thrown) {
    // Node's sentences name the flag; what follows the first one is about its own API.
    throw new UsageError(thrown instanceof Error ? thrown.message.split(". ", 1)[0] : String(thrown));
  }
}
