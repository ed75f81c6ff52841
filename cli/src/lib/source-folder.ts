import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "./failure.ts";

const run = promisify(execFile);

const FILES_MAX = 2000;
const BYTES_MAX = 100 * 1024 * 1024; // Source, not data: data comes from the project's datasets and files.
const DIFF_BYTES_MAX = 10 * 1024 * 1024;
const GIT_OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const LARGEST_NAMED = 3;

export interface SourceFile {
  /** Below the folder, with forward slashes. */
  path: string;
  digest: string;
  sizeBytes: number;
}

/** A folder as it is now: what a job needs to run in a copy of it, and what a person needs to find it again. */
export interface SourceFolder {
  name: string;
  /** Of all names and contents: two folders of one digest are the same. */
  digest: string;
  files: readonly SourceFile[];
  commit?: string;
  branch?: string;
  repository?: string;
  /** What differs from the commit, in Git's words. */
  diff?: string;
}

/** Reads the user's folder: what Git would track of it, or would if it were told to. @throws Failure when it is too large */
export async function readSourceFolder(folder: string): Promise<SourceFolder> {
  const paths = (await listed(folder)).filter((path) => isRegularFile(join(folder, path))).sort();
  if (paths.length > FILES_MAX) {
    throw new Failure(
      `This folder has ${paths.length} files and at most ${FILES_MAX} are sent; name what is not source in .gitignore.`,
    );
  }
  const sizes = paths.map((path) => ({ path, sizeBytes: lstatSync(join(folder, path)).size }));
  const sum = sizes.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  if (sum > BYTES_MAX) throw tooLarge(sizes, sum);
  const files = sizes.map(({ path, sizeBytes }) => ({
    path,
    sizeBytes,
    digest: createHash("sha256")
      .update(readFileSync(join(folder, path)))
      .digest("hex"),
  }));
  const text = files.map(({ path, digest }) => `${digest} ${path}`).join("\n");
  const digest = createHash("sha256").update(text).digest("hex");
  return { name: basename(folder), digest, files, ...(await commitOf(folder)) };
}

/** @throws Failure when Git is there and cannot say */
async function listed(folder: string): Promise<string[]> {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", "."];
  const inside = await git(folder, list);
  if (inside !== undefined) return inside.split("\0").filter((path) => path !== "");
  // No repository: an empty one beside the folder lets Git read its .gitignore files all the same.
  const beside = mkdtempSync(join(tmpdir(), "atrium-source-"));
  try {
    if ((await git(beside, ["init", "--quiet", "--bare", "."])) === undefined) {
      throw new Failure("Git is needed to see which files belong to this folder; install it.");
    }
    const found = await git(folder, [`--git-dir=${beside}`, `--work-tree=${folder}`, ...list]);
    return (found ?? "").split("\0").filter((path) => path !== "");
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function commitOf(
  folder: string,
): Promise<Pick<SourceFolder, "commit" | "branch" | "repository" | "diff">> {
  const commit = (await git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]))?.trim();
  if (commit === undefined || commit === "") return {};
  const branch = (await git(folder, ["rev-parse", "--abbrev-ref", "HEAD"]))?.trim();
  const repository = (await git(folder, ["config", "--get", "remote.origin.url"]))?.trim();
  const diff = await git(folder, ["diff", "HEAD", "--no-color", "--no-ext-diff", "--", "."]);
  return {
    commit,
    ...(branch === undefined || branch === "" || branch === "HEAD" ? {} : { branch }),
    ...(repository === undefined || repository === "" ? {} : { repository: withoutPassword(repository) }),
    ...(diff === undefined || diff === "" ? {} : { diff: bounded(diff) }),
  };
}

async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run("git", ["-C", folder, ...args], { maxBuffer: GIT_OUTPUT_BYTES_MAX });
    return stdout;
  } catch {
    return undefined;
  }
}

function bounded(diff: string): string {
  if (diff.length <= DIFF_BYTES_MAX) return diff;
  return `${diff.slice(0, DIFF_BYTES_MAX)}\n(the rest of ${diff.length} characters was left out)\n`;
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

function isRegularFile(path: string): boolean {
  return existsSync(path) && lstatSync(path).isFile();
}

function tooLarge(sizes: readonly { path: string; sizeBytes: number }[], sum: number): Failure {
  const largest = [...sizes].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, LARGEST_NAMED);
  const names = largest.map(({ path, sizeBytes }) => `${path} (${mebibytes(sizeBytes)} MiB)`).join(", ");
  return new Failure(
    `This folder has ${mebibytes(sum)} MiB and at most ${mebibytes(BYTES_MAX)} are sent. The largest: ${names}. ` +
      "Name what is not source in .gitignore.",
  );
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
