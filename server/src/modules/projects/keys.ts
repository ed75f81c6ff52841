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
