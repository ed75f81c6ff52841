import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const OURS = /\.(tsx?|sql|py)$|^ARCHITECTURE\.md$/;
const SKIPPED = new Set(["node_modules", "dist", ".git", ".tsc", ".cache", ".atrium", ".venv"]);
const SKIPPED_AT_TOP = new Set(["samples"]); // A pipeline for people to read and change: its rules are those of its SDK.

/** The repository's own files as path → text. */
export function readTree(root: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const isSkipped = SKIPPED.has(entry.name) || (folder === root && SKIPPED_AT_TOP.has(entry.name));
      if (entry.isDirectory() && !isSkipped) walk(path);
      const name = relative(root, path);
      if (entry.isFile() && OURS.test(name)) files.set(name, readFileSync(path, "utf8"));
    }
  };
  walk(root);
  return files;
}
