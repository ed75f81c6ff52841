import { parseArgs } from "node:util";
import { type Config, ConfigError, type Flags, readConfig } from "./config.ts";
import { AppError } from "./lib/errors.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const OURS_ALONE = 0o077; // What the server writes is sealed; nobody else need even see that it is there.

const HELP = `Runs an Atrium server in the foreground.
  up [--host ADDRESS] [--port N] [--data DIR] [--roles LIST] [--no-sample]
  restore BACKUP [--data DIR]     puts a backup into a new data folder
  rotate-key [--data DIR]         moves every data key under a new key; the server must not run
`;

const OPTIONS = {
  host: { type: "string" },
  port: { type: "string" },
  data: { type: "string" },
  roles: { type: "string" },
  "no-sample": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let asked: { words: string[]; flags: Flags & { help?: boolean | undefined } };
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    asked = { words: positionals, flags: values };
  } catch (thrown) {
    return refuse(thrown instanceof Error ? thrown.message : String(thrown));
  }
  const [command = "up", ...words] = asked.words;
  if (asked.flags.help === true) return say(HELP);
  try {
    const config = readConfig(asked.flags);
    if (command === "up" && words.length === 0) return await up(config);
    if (command === "restore" && words[0] !== undefined) return await restore(config, words[0]);
    if (command === "rotate-key" && words.length === 0) return await rotateKey(config);
    return refuse(`there is no command '${[command, ...words].join(" ")}'.`);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return fail(`These settings are wrong:\n${thrown.message}`);
    if (thrown instanceof AppError) return fail(thrown.message);
    throw thrown;
  }
}

/** Starts, waits for a signal, stops. A second signal ends at once what the first one asked for kindly. */
async function up(config: Config): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(EXIT_INTERRUPTED) : stop.abort()));
  }
  process.umask(OURS_ALONE);
  const { startServer } = await import("./start.ts");
  const server = await startServer(config);
  say(server.greeting);
  if (!stop.signal.aborted) {
    await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  }
  await server.stop();
  return 0;
}

async function restore(config: Config, source: string): Promise<number> {
  const { restoreBackup } = await import("./start.ts");
  const manifest = await restoreBackup(config, source);
  return say(`Restored ${manifest.files.length} files into ${config.dataDirectory}.\n`);
}

async function rotateKey(config: Config): Promise<number> {
  const { rotateInstanceKey } = await import("./start.ts");
  return say(`Everything is sealed under key ${await rotateInstanceKey(config)} now.\n`);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function fail(message: string): number {
  process.stderr.write(`atrium: ${message}\n`);
  return EXIT_FAILURE;
}

function refuse(message: string): number {
  process.stderr.write(`atrium: ${message}\n${HELP}`);
  return EXIT_USAGE;
}
