import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitOf } from "./checkout.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const OTHER = COMMIT.replaceAll("0", "f");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atrium-checkout-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${content}\n`);
  }
}

test("the commit is that of the branch, wherever git keeps it", () => {
  write({ ".git/HEAD": "ref: refs/heads/main", ".git/refs/heads/main": COMMIT });
  expect(commitOf(folder)).toBe(COMMIT);
  rmSync(join(folder, ".git/refs"), { recursive: true });
  const lines = ["# pack-refs with: peeled", `${OTHER} refs/heads/domain`, `${COMMIT} refs/heads/main`];
  write({ ".git/packed-refs": lines.join("\n") });
  expect(commitOf(folder)).toBe(COMMIT);
});

test("a checkout of no branch has its commit in the head", () => {
  write({ ".git/HEAD": COMMIT });
  expect(commitOf(folder)).toBe(COMMIT);
});

test("a linked worktree has a head of its own, and the branches of all", () => {
  write({
    "linked/.git": "gitdir: ../main/.git/worktrees/linked",
    "main/.git/HEAD": "ref: refs/heads/main",
    "main/.git/refs/heads/main": OTHER,
    "main/.git/refs/heads/linked": COMMIT,
    "main/.git/worktrees/linked/HEAD": "ref: refs/heads/linked",
    "main/.git/worktrees/linked/commondir": "../..",
  });
  expect(commitOf(join(folder, "linked"))).toBe(COMMIT);
});

test("a folder without history, or with a broken one, has no commit", () => {
  expect(commitOf(folder)).toBeUndefined();
  write({ ".git/HEAD": "ref: refs/heads/main" });
  expect(commitOf(folder)).toBeUndefined();
  write({ ".git/HEAD": "nonsense" });
  expect(commitOf(folder)).toBeUndefined();
});
