import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "#lib/errors";
import { explainDisk } from "#lib/files";
import type { Artifacts } from "#modules/artifacts";
import type { Actor } from "#modules/identity";
import type { JobSpec } from "./spec.ts";

const FILES_MAX = 20_000; // Laid in before the start: a minute of copying; more belongs into an archive.
const OUTPUT_FILES_MAX = 1990; // They are stored in one transaction, with the log.
const PAGE_ROWS = 1000;
const SYSTEM_AUTHORITIES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/** Lays a job's files and inputs into its folder. @throws AppError `not_found`, `invalid`, `forbidden`, `unavailable` */
export async function layIn(
  given: { artifacts: Artifacts; actor: Actor; projectId: string; signal: AbortSignal },
  folder: string,
  spec: JobSpec,
): Promise<void> {
  try {
    await mkdir(join(folder, ".tmp"), { mode: 0o700 });
    let room = FILES_MAX;
    for (const { artifactPath, to } of spec.inputs) {
      for await (const { path, below } of filesAt(given, artifactPath)) {
        room -= 1;
        if (room < 0) throw new AppError("invalid", `The inputs are more than ${FILES_MAX} files.`);
        const target = below === "" ? fileTarget(folder, to, path) : join(folder, to, below);
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        const { bytes } = await given.artifacts.get(given.actor, { projectId: given.projectId, path });
        await pipeline(bytes, createWriteStream(target, { mode: 0o600 }), { signal: given.signal });
      }
    }
    for (const [path, text] of Object.entries(spec.files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(folder, path), text, { mode: 0o600 });
    }
  } catch (thrown) {
    throw explainDisk(thrown);
  }
}

/** A file that is laid into the folder itself keeps its name. */
function fileTarget(folder: string, to: string, path: string): string {
  return to === "." ? join(folder, path.split("/").at(-1) ?? path) : join(folder, to);
}

/** A file, or every file below a folder with its path from there. */
async function* filesAt(
  {
    artifacts,
    actor,
    projectId,
    signal,
  }: { artifacts: Artifacts; actor: Actor; projectId: string; signal: AbortSignal },
  path: string,
): AsyncIterable<{ path: string; below: string }> {
  const waiting = [path];
  let found = false;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    let pageToken: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await artifacts.list(actor, { projectId, path: next }, { pageSize: PAGE_ROWS, pageToken });
      for (const entry of page.items) {
        found = true;
        if (entry.kind === "folder") waiting.push(entry.path);
        else yield { path: entry.path, below: entry.path.slice(path.length + 1) };
      }
      pageToken = page.nextToken;
    } while (pageToken !== undefined);
  }
  if (found) return;
  await artifacts.stat(actor, { projectId, path }); // Says that there is none.
  yield { path, below: "" };
}

/** Writes down whom clients shall trust: the system's authorities, and ours. */
export async function layAuthorities(folder: string, authorityFile: string): Promise<string> {
  const parts = [await readFile(authorityFile, "utf8")];
  for (const file of SYSTEM_AUTHORITIES) parts.push(await readFile(file, "utf8").catch(() => ""));
  const path = join(folder, ".tmp", "authorities.pem");
  await writeFile(path, parts.join("\n"), { mode: 0o600 });
  return path;
}

/** What the job left that is to be kept, each with where it goes. @throws AppError `invalid` when something is missing */
export async function outputsIn(
  folder: string,
  outputs: JobSpec["outputs"],
): Promise<{ path: string; open: () => ReturnType<typeof createReadStream> }[]> {
  const home = await realpath(folder);
  const found: { path: string; file: string }[] = [];
  for (const { from, artifactPath, optional } of outputs) {
    const before = found.length;
    for await (const file of regularFiles(home, join(home, from))) {
      const below = relative(join(home, from), file).split(sep).join("/");
      found.push({ path: below === "" ? artifactPath : `${artifactPath}/${below}`, file });
      if (found.length > OUTPUT_FILES_MAX) {
        throw new AppError(
          "invalid",
          `It left more than ${OUTPUT_FILES_MAX} files to keep; pack them into one.`,
        );
      }
    }
    if (found.length === before && optional !== true) {
      throw new AppError("invalid", `It left no ${from}, which it was to produce.`);
    }
  }
  return found.map(({ path, file }) => ({ path, open: () => createReadStream(file) }));
}

/** Links are not followed: one could lead to a file of ours. Neither are folders reached through one. */
async function* regularFiles(home: string, path: string): AsyncIterable<string> {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return;
  const real = await realpath(dirname(path));
  if (real !== home && !real.startsWith(home + sep)) return;
  if (info.isFile()) yield path;
  if (!info.isDirectory()) return;
  for (const name of (await readdir(path)).sort()) yield* regularFiles(home, join(path, name));
}
