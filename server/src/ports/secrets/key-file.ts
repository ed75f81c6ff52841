import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { AppError } from "#lib/errors";
import { writeFileDurably } from "#lib/files";

const KEY_BYTES = 32;
const OTHERS_MAY = 0o077;

/** One version of the key-encryption key. Its id names version and key: another key of the same version differs. */
export interface KeyVersion {
  id: string;
  version: number;
  key: Buffer;
}

/**
 * Reads key text: lines `v<N> <32 bytes as base64 or hexadecimal>`, or one bare key (version 1); `#` begins a comment.
 * The newest comes first. @throws AppError `invalid`
 */
export function parseKeys(text: string, origin: string): KeyVersion[] {
  const lines = text
    .split(/[\n;]/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const keys = lines.map((line) => parseLine(line, origin)).sort((a, b) => b.version - a.version);
  if (keys.length === 0)
    throw new AppError("invalid", `${origin} holds no key; make one: openssl rand -hex 32.`);
  if (new Set(keys.map((key) => key.version)).size < keys.length) {
    throw new AppError(
      "invalid",
      `${origin} holds two keys of one version; give each line its own: v2 <key>.`,
    );
  }
  return keys;
}

/** Reads a key file. @throws AppError `invalid` when it is missing, not ours alone to read, or holds no key. */
export function readKeyFile(path: string): KeyVersion[] {
  if (!existsSync(path)) {
    throw new AppError(
      "invalid",
      `There is no key file at ${path}; put it back, or name another with ATRIUM_KEY_FILE.`,
    );
  }
  if ((statSync(path).mode & OTHERS_MAY) !== 0) {
    throw new AppError("invalid", `Others may read the key file ${path}; run: chmod 600 ${path}`);
  }
  return parseKeys(readFileSync(path, "utf8"), `The key file ${path}`);
}

/** Makes a key file with a first key, durable before it returns. Never replaces one. @throws AppError `conflict` */
export function createKeyFile(path: string): void {
  if (existsSync(path))
    throw new AppError("conflict", `There is a key file at ${path} already; it was not touched.`);
  writeFileDurably(path, `v1 ${randomBytes(KEY_BYTES).toString("base64")}\n`);
}

/** Adds a newer version; the older ones stay, for backups and for a rotation that is not finished. */
export function addKeyVersion(path: string): KeyVersion {
  const keys = readKeyFile(path);
  const version = (keys[0]?.version ?? 0) + 1;
  const line = `v${version} ${randomBytes(KEY_BYTES).toString("base64")}`;
  const lines = [line, ...keys.map((key) => `v${key.version} ${key.key.toString("base64")}`)];
  writeFileDurably(path, `${lines.join("\n")}\n`);
  return parseLine(line, path);
}

function parseLine(line: string, origin: string): KeyVersion {
  const match = /^(?:v(\d{1,6})\s+)?(\S+)$/.exec(line);
  const text = match?.[2] ?? "";
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  if (key.length !== KEY_BYTES) {
    throw new AppError(
      "invalid",
      `${origin} is not a key: 32 bytes as hexadecimal or base64 are needed; make one: openssl rand -hex 32.`,
    );
  }
  const version = Number(match?.[1] ?? 1);
  const print = createHash("sha256").update("atrium key id").update(key).digest("hex").slice(0, 12);
  return { id: `v${version}-${print}`, version, key };
}
