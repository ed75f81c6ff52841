import type { Command, Flag } from "./command.ts";
import { EVERYWHERE } from "./parse.ts";

const LAUNCHER: readonly [string, string][] = [
  ["up", "start the server (--port, --host, --data, --roles, --no-sample)"],
  ["test", "run all tests"],
];

/** The first page: every command with its one line. */
export function overview(commands: readonly Command[]): string {
  const lines = [...LAUNCHER, ...commands.map((c): [string, string] => [usage(c), c.summary])];
  const width = Math.max(...lines.map(([left]) => left.length));
  return [
    "Atrium: one place for the whole life of a model.",
    "",
    "Usage: atrium COMMAND",
    "",
    ...lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
    "Every command explains itself with --help and prints JSON with --json.",
    "Commands talk to ATRIUM_URL with ATRIUM_TOKEN, or to the server that `atrium login` stored.",
  ].join("\n");
}

/** The page of one command. */
export function explain(command: Command): string {
  return [
    `atrium ${usage(command)} [FLAGS]`,
    "",
    command.summary,
    "",
    ...flagLines({ ...command.flags, ...EVERYWHERE }),
  ].join("\n");
}

function usage(command: Command): string {
  return [command.name, ...command.words].join(" ");
}

function flagLines(flags: Record<string, Flag>): string[] {
  const lines = Object.entries(flags).map(([name, { value, short, help }]): [string, string] => [
    `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
    help,
  ]);
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
