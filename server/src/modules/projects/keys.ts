import { randomBytes } from "node:crypto";
import { AppError } from "#lib/errors";
import type { Database } from "#ports/database";
import type { ProjectKeys, Secrets } from "#ports/secrets";
import * as queries from "./queries.ts";

const KEY_BYTES = 32; // AES-256

/** Projects' data keys, unwrapped once a process. */
export interface KeyRing extends ProjectKeys {
  /** A new key for a project about to be created, wrapped for storing. */
  make(projectId: string): Promise<string>;
  forget(projectId: string): void;
}

const REWRAP_STEP = 100; // Keys a transaction: a rotation never holds the writer for long.

/** Wraps every project's key again under the newest key-encryption key; what has it already is left alone. */
export async function rewrapProjectKeys(db: Database, secrets: Secrets): Promise<void> {
  for (;;) {
    const old = await queries.keysNotUnder(db.reader, secrets.keyId, REWRAP_STEP);
    if (old.length === 0) return;
    const fresh = await Promise.all(
      old.map(async ({ project_id, wrapped }) => {
        const purpose = purposeOf(project_id);
        return { project_id, wrapped: await secrets.wrap(await secrets.unwrap(wrapped, purpose), purpose) };
      }),
    );
    await db.transaction(async (tx) => {
      for (const key of fresh) await queries.replaceKey(tx, key.project_id, key.wrapped);
    });
  }
}

export function createKeyRing(db: Database, secrets: Secrets): KeyRing {
  const unwrapped = new Map<string, Promise<Buffer>>();

  return {
    make: (projectId) => secrets.wrap(randomBytes(KEY_BYTES), purposeOf(projectId)),
    forget: (projectId) => {
      unwrapped.delete(projectId);
    },
    keyOf(projectId) {
      const known = unwrapped.get(projectId);
      if (known !== undefined) return known;
      const opening = open(projectId);
      unwrapped.set(projectId, opening);
      opening.catch(() => unwrapped.delete(projectId));
      return opening;
    },
  };

  async function open(projectId: string): Promise<Buffer> {
    const wrapped = await queries.wrappedKey(db.reader, projectId);
    if (wrapped === undefined)
      throw new AppError("not_found", `Project ${projectId} has no key; it does not exist or was purged.`);
    return secrets.unwrap(wrapped, purposeOf(projectId));
  }
}

function purposeOf(projectId: string): string {
  return `project:${projectId}`;
}
