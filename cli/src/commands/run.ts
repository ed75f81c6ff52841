import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { artifactsApi } from "@atrium/contract/artifacts";
import { computeApi, type JobSource } from "@atrium/contract/compute";
import { command } from "../lib/command.ts";
import { currentServer } from "../lib/credentials.ts";
import { Failure } from "../lib/failure.ts";
import type { Output } from "../lib/output.ts";
import type { Server } from "../lib/server.ts";
import { readSourceFolder, type SourceFolder } from "../lib/source-folder.ts";
import { whole } from "../lib/values.ts";
import { followJob } from "./jobs.ts";

const UPLOADS_AT_ONCE = 8;
const LIMIT = { min: 1, max: 100_000_000 }; // The server knows what its machine has; this is for typing errors.
const DEFAULT_REQUIREMENTS = "requirements.txt";

export const runCommand = command({
  name: "run",
  summary: "Run a command on the server with a copy of this folder; Ctrl-C leaves it running.",
  words: ["COMMAND…"],
  flags: {
    local: { help: "run it here, in this folder and its own Python, with the same record" },
    requirements: {
      value: "FILE",
      help: `packages of the environment (default: ${DEFAULT_REQUIREMENTS}, if there)`,
    },
    name: { value: "NAME", help: "what to call it (default: the program's name)" },
    cores: { value: "N", help: "cores (default 1)" },
    memory: { value: "MIB", help: "memory in MiB (default 2048)" },
    timeout: { value: "SECONDS", help: "how long it may run (default a day)" },
    output: {
      value: "LIST",
      help: "what to keep: FROM=TO,… (a path here, a path among the project's files)",
    },
    secret: { value: "LIST", help: "secrets of the project as variables: VARIABLE=NAME,…" },
    detach: { help: "do not wait for it" },
  },
  async run({ words, flags, server, output }) {
    const at = server();
    const folder = process.cwd();
    const source = await readSourceFolder(folder);
    const record = await sendSource(at, folder, source);
    const name = flags.name ?? nameOf(words);
    if (flags.local) return runHere({ at, words, name, source, record });
    const id = `run-${randomBytes(8).toString("hex")}`;
    const requirements = readRequirements(folder, flags.requirements, output);
    const job = await at.call(computeApi.submitJob, {
      project: at.project,
      body: {
        id,
        name,
        command: words,
        ...(requirements === undefined ? {} : { requirements }),
        ...(source.files.length === 0 ? {} : { inputs: [{ artifactPath: record.path, to: "." }] }),
        variables: recordVariables(source, record, { name, job: id }),
        secrets: Object.fromEntries(pairs(flags.secret)),
        outputs: pairs(flags.output).map(([from, artifactPath]) => ({ from, artifactPath })),
        limits: {
          ...(flags.cores === undefined ? {} : { cores: whole(flags.cores, "cores", LIMIT) }),
          ...(flags.memory === undefined ? {} : { memoryMiB: whole(flags.memory, "memory", LIMIT) }),
          ...(flags.timeout === undefined
            ? {}
            : { timeoutMs: whole(flags.timeout, "timeout", LIMIT) * 1000 }),
        },
        source: sourceOf(source, record),
      },
    });
    output.say(`Job ${job.id} waits for its turn.`);
    if (flags.detach) output.show({ json: job, lines: [job.id] });
    else await followJob(at, job.id, output);
  },
});

interface SentSource {
  /** Where the copy lies among the project's files. */
  path: string;
  diffPath?: string;
}

/** Sends what the project does not have yet; the same folder a second time is a single question. */
async function sendSource(at: Server, folder: string, source: SourceFolder): Promise<SentSource> {
  const root = `sources/${source.digest}`;
  const path = `${root}/files`;
  const diffPath = source.diff === undefined ? undefined : `${root}/${source.commit}.diff`;
  const sent = { path, ...(diffPath === undefined ? {} : { diffPath }) };
  const manifest = `${root}/manifest.json`;
  const upload = (to: string, bytes: Uint8Array) =>
    at.upload(artifactsApi.upload, { project: at.project, query: { path: to } }, bytes);
  if (source.diff !== undefined && diffPath !== undefined) await upload(diffPath, Buffer.from(source.diff));
  if (await isThere(at, root, manifest)) return sent;
  const waiting = [...source.files];
  const send = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const bytes = readFileSync(join(folder, file.path));
      const query = { path: `${path}/${file.path}`, digest: file.digest };
      await at.upload(artifactsApi.upload, { project: at.project, query }, bytes);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, send));
  // It comes last: where it is, everything is.
  await upload(manifest, Buffer.from(JSON.stringify(source.files)));
  return sent;
}

async function isThere(at: Server, folder: string, path: string): Promise<boolean> {
  const query = { path: folder };
  const { items } = await at.call(artifactsApi.list, { project: at.project, query });
  return items.some((entry) => entry.path === path);
}

/** The same script here: its own Python, the same tags on what it tracks. */
async function runHere(given: {
  at: Server;
  words: readonly string[];
  name: string;
  source: SourceFolder;
  record: SentSource;
}): Promise<void> {
  const { at, words, name, source, record } = given;
  const { token, caFile } = currentServer();
  const [program = "", ...args] = words;
  const child = spawn(program, args, {
    stdio: "inherit",
    env: {
      ...process.env,
      ATRIUM_URL: at.url,
      ATRIUM_PROJECT: at.project,
      MLFLOW_TRACKING_URI: `${at.url}/p/${encodeURIComponent(at.project)}`,
      ...(token === undefined ? {} : { ATRIUM_TOKEN: token, MLFLOW_TRACKING_TOKEN: token }),
      ...(caFile === undefined ? {} : { REQUESTS_CA_BUNDLE: caFile }),
      ...recordVariables(source, record, { name }),
    },
  });
  // The terminal tells the program of Ctrl-C itself; we wait for how it ends.
  const wait = (): void => {};
  process.on("SIGINT", wait);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) => reject(new Failure(`Cannot run ${program}: ${cause.message}`)));
    child.once("close", resolve);
  });
  process.off("SIGINT", wait);
  if (code !== 0)
    throw new Failure(`${program} ended with ${code === null ? "a signal" : `status ${code}`}.`);
}

/** Tags that the unmodified mlflow client puts on every run that the command makes. */
function recordVariables(
  source: SourceFolder,
  record: SentSource,
  given: { name: string; job?: string },
): Record<string, string> {
  const tags = {
    "mlflow.source.name": given.name,
    "mlflow.source.type": "JOB",
    "atrium.source.path": record.path,
    "atrium.source.digest": source.digest,
    ...(source.commit === undefined ? {} : { "mlflow.source.git.commit": source.commit }),
    ...(source.branch === undefined ? {} : { "mlflow.source.git.branch": source.branch }),
    ...(source.repository === undefined ? {} : { "mlflow.source.git.repoURL": source.repository }),
    ...(record.diffPath === undefined ? {} : { "atrium.source.diff": record.diffPath }),
    ...(given.job === undefined ? {} : { "atrium.job": given.job }),
  };
  return { MLFLOW_RUN_CONTEXT: JSON.stringify(tags) };
}

function sourceOf(source: SourceFolder, record: SentSource): JobSource {
  const { name, commit, branch, repository } = source;
  return {
    name,
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    ...(repository === undefined ? {} : { repository }),
    ...(record.diffPath === undefined ? {} : { diffPath: record.diffPath }),
  };
}

function readRequirements(folder: string, given: string | undefined, output: Output): string[] | undefined {
  const file = given ?? join(folder, DEFAULT_REQUIREMENTS);
  if (!existsSync(file)) {
    if (given === undefined) return undefined;
    throw new Failure(`There is no file ${given}.`);
  }
  if (given === undefined) output.say(`The environment is made of ${DEFAULT_REQUIREMENTS}.`);
  return readFileSync(file, "utf8").split("\n");
}

/** `train.py` for `python train.py`: the word that says most. */
function nameOf(words: readonly string[]): string {
  const [program = "command", script] = words;
  const said = /^python[\d.]*$/.test(basename(program)) && script?.endsWith(".py") ? script : program;
  return basename(said).slice(0, 250);
}

function pairs(list: string | undefined): [string, string][] {
  return (list ?? "")
    .split(",")
    .filter(Boolean)
    .map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1 || at === pair.length - 1) throw new Failure(`'${pair}' is no pair; write NAME=VALUE.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
}
