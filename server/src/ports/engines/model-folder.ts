import { randomBytes } from "node:crypto";
import { createWriteStream, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AppError } from "#lib/errors";
import type { ModelFile } from "./engines.ts";

/**
 * Python loads a model from a folder, and a folder cannot be unlinked while it is used. So it lies in memory, for our
 * user alone, and goes with the engine; what a kill -9 leaves is swept at the next start, known by the process that
 * made it.
 */
export interface ModelFolder {
  /** Holds the model's files, to be read. */
  model: string;
  /** Empty, to be written: where the process starts. */
  home: string;
  remove(): Promise<void>;
}

const PREFIX = "atrium-model";
const NAME = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-(\\d+)-[0-9a-f]{16}$`);
const START_FIELD = 19; // Of /proc/<pid>/stat, counted behind the command's name: when the process began.

/** @throws AppError `invalid` (a path that leads elsewhere), `exhausted` (the memory file system is full) */
export async function layModel(directory: string, files: AsyncIterable<ModelFile>): Promise<ModelFolder> {
  const folder = join(directory, nameOfOurs());
  const remove = () => rm(folder, { recursive: true, force: true });
  const model = join(folder, "model");
  const home = join(folder, "home");
  try {
    await mkdir(folder, { mode: 0o700 });
    await mkdir(home, { mode: 0o700 });
    await mkdir(model, { mode: 0o700 });
    for await (const file of files) await layFile(model, file);
    return { model, home, remove };
  } catch (thrown) {
    await remove();
    throw explain(thrown, directory);
  }
}

/** Removes the folders of processes that are gone. Those of other containers that share the memory are theirs. */
export function sweepModels(directory: string): void {
  for (const name of namesIn(directory)) {
    const [, space, pid = "", began] = NAME.exec(name) ?? [];
    if (space !== pidSpace() || beginningOf(pid) === began) continue;
    const folder = join(directory, name);
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** That a path from a model's listing stays below its folder. @throws AppError `invalid` */
export function checkPath(path: string): void {
  const good = !path.includes("\0") && path.split("/").every((part) => !["", ".", ".."].includes(part));
  if (!good) throw new AppError("invalid", `A model's file cannot be named ${JSON.stringify(path)}.`);
}

async function layFile(model: string, file: ModelFile): Promise<void> {
  checkPath(file.path);
  const target = join(model, file.path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await pipeline(await file.open(), createWriteStream(target, { flags: "wx", mode: 0o400 }));
  const { size } = statSync(target);
  if (size !== file.sizeBytes) {
    throw new AppError("unavailable", `The model's file ${file.path} ended after ${size} bytes; try again.`);
  }
}

function explain(thrown: unknown, directory: string): unknown {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const words = `The model does not fit into ${directory}; give that memory file system more space.`;
    return new AppError("exhausted", words, { cause: thrown });
  }
  if (code === "ENOENT" || code === "EACCES" || code === "EROFS") {
    const words = `Python models need the memory file system ${directory}, which is not there or not ours to write.`;
    return new AppError("unavailable", words, { cause: thrown });
  }
  return thrown;
}

function nameOfOurs(): string {
  const { pid } = process;
  return [PREFIX, pidSpace(), pid, beginningOf(String(pid)), randomBytes(8).toString("hex")].join("-");
}

/** Process numbers mean something only inside their namespace. */
function pidSpace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
  } catch {
    return "0"; // No Linux: one space for all.
  }
}

/** A process number is used again; number and beginning together are not. */
function beginningOf(pid: string): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[START_FIELD] ?? "0";
  } catch {
    return "0";
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // Told when a model is to be laid there.
  }
}
