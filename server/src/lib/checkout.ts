import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The commit that a checkout is at; undefined in a folder that came without its history. Git itself need not be installed.
 * @remarks Layout: gitrepository-layout(5), gitfile and `commondir` of a linked worktree included.
 */
export function commitOf(folder: string): string | undefined {
  const git = gitFolder(folder);
  const head = contentOf(join(git, "HEAD"));
  if (COMMIT.test(head)) return head;
  const [, branch = ""] = /^ref: (refs\/\S+)$/.exec(head) ?? [];
  if (branch === "") return undefined;
  const shared = resolve(git, contentOf(join(git, "commondir")));
  const commit = contentOf(join(shared, branch)) || packed(shared, branch);
  return COMMIT.test(commit) ? commit : undefined;
}

/** A linked worktree has a file in the place of the folder, which says where that is. */
function gitFolder(folder: string): string {
  const [, elsewhere] = /^gitdir: (.+)$/.exec(contentOf(join(folder, ".git"))) ?? [];
  return elsewhere === undefined ? join(folder, ".git") : resolve(folder, elsewhere);
}

function packed(shared: string, branch: string): string {
  const lines = contentOf(join(shared, "packed-refs")).split("\n");
  return lines.find((line) => line.endsWith(` ${branch}`))?.split(" ")[0] ?? "";
}

/** Empty where no such file can be read: then nothing is known, and nothing is wrong. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
