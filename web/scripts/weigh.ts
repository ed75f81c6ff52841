import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

// What a visitor loads before the first screen, and what a room may add: small enough for a phone on a train.
const SHELL_BYTES_MAX = 200 * 1024;
const ROOM_BYTES_MAX = 80 * 1024;

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  css?: string[];
}

const dist = join(import.meta.dirname, "../dist");
const chunks = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
const weights = new Map<string, number>();

/** Files that loading a chunk brings, without those that only load later. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const chunk = chunks[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}

function weigh(files: Iterable<string>): number {
  let sum = 0;
  for (const file of files) {
    const known = weights.get(file) ?? gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
    weights.set(file, known);
    sum += known;
  }
  return sum;
}

const entry = Object.keys(chunks).find((name) => chunks[name]?.isEntry) ?? "";
const shell = filesOf(entry);
const lines: [string, number, number][] = [["shell", weigh(shell), SHELL_BYTES_MAX]];
for (const name of Object.keys(chunks)) {
  if (!name.startsWith("src/modules/") || name === entry) continue;
  lines.push([name, weigh([...filesOf(name)].filter((file) => !shell.has(file))), ROOM_BYTES_MAX]);
}
for (const [name, bytes, limit] of lines) {
  const mark = bytes > limit ? "TOO HEAVY" : "ok";
  process.stdout.write(
    `${(bytes / 1024).toFixed(1).padStart(7)} KB gz of ${limit / 1024}  ${mark}  ${name}\n`,
  );
}
if (lines.some(([, bytes, limit]) => bytes > limit)) process.exitCode = 1;
