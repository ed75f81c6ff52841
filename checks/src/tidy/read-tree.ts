import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const OURS = /\.(tsx?|sql|py)$|^ARCHITECTURE\.md$/;
const SKIPPED = new Set(["node_modules", "dist", ".git", ".tsc", ".cache", ".atrium", ".venv"]);
// What the sample project is made of is a user's code, and read as such.
const SAMPLES = "samples";

/** The repository's own files as path → text. */
export function readTree(root: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(root, path);
      if (entry.isDirectory() && !SKIPPED.has(entry.name) && name !== SAMPLES) walk(path);
      if (entry.isFile() && OURS.test(name)) files.set(name, readFileSync(path, "utf8"));
    }
  };
  walk(root);
  return files;
}
