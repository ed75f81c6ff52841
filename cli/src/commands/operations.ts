import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { identityApi } from "@atrium/contract/identity";
import { operationsApi } from "@atrium/contract/operations";
import { command } from "../lib/command.ts";
import { currentServer } from "../lib/credentials.ts";
import { Failure } from "../lib/failure.ts";
import { table } from "../lib/output.ts";
import { connect, type Server } from "../lib/server.ts";

const SERVER_PROGRAM = join(import.meta.dirname, "../../../server/src/main.ts");

const backup = command({
  name: "backup",
  summary: "Write a consistent copy of a running server into a new folder on its machine.",
  words: ["FOLDER"],
  flags: {},
  async run({ words: [folder = ""], server, output }) {
    const at = server();
    const made = await at.call(operationsApi.backup, { body: { target: resolve(folder) } });
    output.say(`The key ${made.keyId} opens it and is not part of it: keep a copy of the key elsewhere.`);
    output.show({
      json: made,
      lines: [`Wrote ${made.files} files, ${made.bytes} bytes, into ${made.target}.`],
    });
  },
});

const restore = command({
  name: "restore",
  summary: "Put a backup into a new data folder; the server of that folder must not run.",
  words: ["BACKUP"],
  flags: { data: { value: "DIR", help: "the data folder to make (default: the server's own)" } },
  async run({ words: [folder = ""], flags }) {
    await runServerProgram(["restore", folder], flags.data, "The backup was not restored.");
  },
});

const rotateKey = command({
  name: "key rotate",
  summary: "Move every data key under a new key; the server must not run. No data is rewritten.",
  words: [],
  flags: { data: { value: "DIR", help: "the data folder (default: the server's own)" } },
  async run({ flags }) {
    await runServerProgram(["rotate-key"], flags.data, "The key was not changed.");
  },
});

/** The server's own program does it: it alone knows keys and engines. */
async function runServerProgram(words: string[], data: string | undefined, failure: string): Promise<void> {
  const args = [SERVER_PROGRAM, ...words, ...(data === undefined ? [] : ["--data", data])];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Failure(failure);
}

interface Check {
  name: string;
  good: boolean;
  note: string;
}

const doctor = command({
  name: "doctor",
  summary: "Check this machine, what login stored, and the server.",
  words: [],
  flags: {},
  async run({ output }) {
    const checks: Check[] = [
      { name: "node", good: true, note: process.version },
      await check("python", findPython),
      await check("credentials", async () => {
        const { url, token } = currentServer();
        if (token === undefined) throw new Failure("no token: run atrium login, or set ATRIUM_TOKEN");
        return `a token for ${url}`;
      }),
      ...(await checkServer()),
    ];
    const rows = checks.map(({ name, good, note }) => [good ? "ok" : "BAD", name, note]);
    output.show({ json: { checks }, lines: table(["", "CHECK", "FOUND"], rows) });
    const bad = checks.filter(({ good }) => !good);
    if (bad.length > 0) throw new Failure(`${bad.length} of ${checks.length} checks failed.`);
  },
});

export const operationsCommands = [backup, restore, rotateKey, doctor];

async function checkServer(): Promise<Check[]> {
  let server: Server;
  try {
    server = connect();
  } catch (thrown) {
    return [{ name: "server", good: false, note: String(thrown) }];
  }
  const ready = await check("server", async () => {
    const answer = await server.fetch("/readyz");
    if (!answer.ok)
      throw new Failure(`${server.url}/readyz answers ${answer.status}: ${await answer.text()}`);
    return `${server.url} is ready`;
  });
  if (!ready.good) return [ready];
  const identity = await check("identity", async () => {
    const me = await server.call(identityApi.me, {});
    return `the server takes you for ${me.name}`;
  });
  return [ready, identity];
}

async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, good: true, note: await look() };
  } catch (thrown) {
    return { name, good: false, note: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function findPython(): Promise<string> {
  const asked = spawn("python3", ["-c", "import sys; print(*sys.version_info[:3], sep='.')"]);
  let version = "";
  asked.stdout.on("data", (chunk) => {
    version += chunk;
  });
  await new Promise((resolve) => asked.once("close", resolve).once("error", resolve));
  const [major = 0, minor = 0] = version.trim().split(".").map(Number);
  if (major === 3 && minor >= 10) return version.trim();
  throw new Failure(
    version === "" ? "there is no python3" : `${version.trim()} is too old: 3.10 or newer is needed`,
  );
}
