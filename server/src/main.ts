import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "./config.ts";
import { AppError } from "./lib/errors.ts";

const USAGE = `Usage: atrium up [--port N] [--host ADDRESS] [--data DIR] [--roles api,worker] [--no-sample]
       atrium restore --from FILE [--data DIR]
       atrium rotate-key [--data DIR]
`;

try {
  await run(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`${explain(thrown)}\n`);
  process.exit(1);
}

async function run([command = "up", ...rest]: string[]): Promise<void> {
  const { values: flags } = parseArgs({
    args: rest,
    options: {
      port: { type: "string" },
      host: { type: "string" },
      data: { type: "string" },
      roles: { type: "string" },
      from: { type: "string" },
      "no-sample": { type: "boolean" },
    },
  });
  const config = readConfig(flags);
  if (command === "up") return (await import("./roles/up.ts")).up(config);
  if (command === "restore" && flags.from !== undefined) {
    return (await import("./roles/restore.ts")).restore(config, flags.from);
  }
  if (command === "rotate-key") return (await import("./roles/rotate-key.ts")).rotateKey(config);
  throw new AppError("invalid", USAGE);
}

function explain(thrown: unknown): string {
  if (thrown instanceof ConfigError)
    return `These settings need mending:\n${thrown.problems.map((line) => `  ${line}`).join("\n")}`;
  if (thrown instanceof AppError) return thrown.message;
  if (thrown instanceof TypeError && "code" in thrown) return `${thrown.message}\n${USAGE}`; // An unknown flag.
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
