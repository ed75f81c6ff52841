import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { writeFileDurably } from "#lib/files";
import { newId } from "#lib/ids";
import { openFileSecrets } from "./file.ts";
import { createKeyFile } from "./key-file.ts";
import type { Secrets } from "./secrets.ts";

export type KeySource =
  | { kind: "file"; path: string }
  | { kind: "text"; text: string }
  /** A key file of our own making, named for the instance, in a folder outside the data. */
  | { kind: "default"; directory: string };

/** The data keys of one instance, wrapped, in `<data>/keyring.json`. */
export interface Keyring {
  readonly instanceId: string;
  /** The 32-byte data key for one purpose (`database`, `telemetry`); made and made durable on first use. */
  key(purpose: string): Promise<Buffer>;
}

/** The key file that the source means, if it is one; the command that rotates adds a version to it. */
export function keyFileOf(source: KeySource, instanceId: string): string | undefined {
  if (source.kind === "text") return undefined;
  return source.kind === "file" ? source.path : join(source.directory, `${instanceId}.key`);
}

export const keyringShape = z.strictObject({
  format: z.literal(1),
  instanceId: z.string().regex(/^[0-9a-z]{26}$/),
  createdMs: z.number().int(),
  /** What the rotation last finished wrapped everything with; the key ring needs it to open. */
  keyId: z.string(),
  keys: z.record(z.string(), z.string()),
});
export type KeyringFile = z.output<typeof keyringShape>;

/**
 * Opens the keys of a data folder, or makes them in an empty one. Call it before anything is written there.
 * @throws AppError `unavailable` when the key is missing or is not the one; the folder is as it was then.
 */
export async function openKeys(
  dataDirectory: string,
  source: KeySource,
): Promise<{ secrets: Secrets; keyring: Keyring }> {
  const path = keyringPath(dataDirectory);
  if (!existsSync(path)) return createKeys(dataDirectory, source);
  const file = readKeyring(path);
  const keyFile = keyFileOf(source, file.instanceId);
  if (keyFile !== undefined && !existsSync(keyFile)) {
    throw new AppError(
      "unavailable",
      `The key ${file.keyId} of this data is missing: there is no file ${keyFile}. Put it back; nothing was changed.`,
      { reason: "wrong_key" },
    );
  }
  const secrets = openSecrets(source, keyFile);
  for (const [purpose, wrapped] of Object.entries(file.keys)) await secrets.unwrap(wrapped, purpose);
  return { secrets, keyring: keyringOver(path, file, secrets) };
}

async function createKeys(dataDirectory: string, source: KeySource) {
  if (existsSync(dataDirectory) && readdirSync(dataDirectory).some((name) => !BEFORE_KEYS.has(name))) {
    throw new AppError(
      "unavailable",
      `${dataDirectory} holds data but no keyring.json; restore that file from a backup. Nothing was changed.`,
      { reason: "wrong_key" },
    );
  }
  const instanceId = newId();
  const keyFile = keyFileOf(source, instanceId);
  if (source.kind === "default" && keyFile !== undefined) createKeyFile(keyFile);
  const secrets = openSecrets(source, keyFile);
  const keys = { database: await secrets.wrap(randomBytes(32), "database") };
  const file: KeyringFile = { format: 1, instanceId, createdMs: Date.now(), keyId: secrets.keyId, keys };
  const path = keyringPath(dataDirectory);
  writeKeyring(path, file);
  return { secrets, keyring: keyringOver(path, file, secrets) };
}

const BEFORE_KEYS = new Set(["lock", "lock-journal", "lost+found"]); // A lock may be held, a mounted disk may be fresh.

function openSecrets(source: KeySource, keyFile: string | undefined): Secrets {
  if (source.kind === "text") return openFileSecrets({ keyText: source.text });
  return openFileSecrets({ keyFile: keyFile ?? "" });
}

function keyringOver(path: string, file: KeyringFile, secrets: Secrets): Keyring {
  return {
    instanceId: file.instanceId,
    key: async (purpose) => {
      const wrapped = file.keys[purpose];
      if (wrapped !== undefined) return secrets.unwrap(wrapped, purpose);
      const key = randomBytes(32);
      const made = await secrets.wrap(key, purpose);
      const raced = file.keys[purpose];
      if (raced !== undefined) return secrets.unwrap(raced, purpose);
      file.keys[purpose] = made;
      writeKeyring(path, file);
      return key;
    },
  };
}

export function keyringPath(dataDirectory: string): string {
  return join(dataDirectory, "keyring.json");
}

export function readKeyring(path: string): KeyringFile {
  try {
    return keyringShape.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `${path} cannot be read; restore it from a backup. Nothing was changed.`,
      {
        cause,
        reason: "wrong_key",
      },
    );
  }
}

export function writeKeyring(path: string, file: KeyringFile): void {
  writeFileDurably(path, `${JSON.stringify(file, null, 2)}\n`);
}
