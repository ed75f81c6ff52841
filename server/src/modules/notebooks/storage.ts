import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { SYSTEM } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { NotebooksDeps } from "./deps.ts";
import * as queries from "./file-queries.ts";
import { FILE_BYTES_MAX } from "./limits.ts";

const ROOT = "notebooks";

export interface Content {
  bytes: Buffer;
  digest: string;
}

/**
 * Bytes of notebooks lie among the artifacts, where sealing, quota, scrubbing and garbage collection are. Nobody reaches them
 * there: who may read a notebook is another question than who may read a file.
 */
export interface Storage {
  /** Stores bytes and does the caller's own work in one transaction; what `commit` throws leaves nothing. */
  put(
    projectId: string,
    content: Content,
    commit: (tx: Tx, artifactPath: string) => Promise<void>,
  ): Promise<void>;
  /** The same at a path of the caller's, in place of what was there. */
  replace(
    at: { projectId: string; path: string },
    content: Content,
    commit: (tx: Tx) => Promise<void>,
  ): Promise<void>;
  open(projectId: string, artifactPath: string): Promise<Readable>;
  /** Removes what no version names any more; one round of the worker. */
  sweep(signal: AbortSignal): Promise<void>;
}

export function createStorage({ db, artifacts }: Pick<NotebooksDeps, "db" | "artifacts">): Storage {
  artifacts.registerOwner(ROOT, async (_projectId, path) => {
    throw new AppError("forbidden", `'${path}' belongs to the project's notebooks; ask for it there.`);
  });
  const placeOf = (projectId: string) => ({ kind: "project", projectId }) as const;

  const replace: Storage["replace"] = ({ projectId, path }, { bytes }, commit) =>
    artifacts.putAll(SYSTEM, projectId, {
      files: [{ path, open: () => Readable.from([bytes]) }],
      place: placeOf(projectId),
      commit,
    });

  return {
    replace,
    put(projectId, content, commit) {
      const path = `${ROOT}/files/${newId()}`;
      return replace({ projectId, path }, content, (tx) => commit(tx, path));
    },
    async open(projectId, path) {
      return (await artifacts.get(SYSTEM, { projectId, path, place: placeOf(projectId) })).bytes;
    },
    async sweep(signal) {
      for (const { artifact_path: path, project_id: projectId } of await queries.leftovers(db.reader)) {
        if (signal.aborted) return;
        try {
          await artifacts.remove(SYSTEM, { projectId, path, place: placeOf(projectId) });
        } catch (thrown) {
          if (!(thrown instanceof AppError && thrown.code === "not_found")) throw thrown;
        }
        await db.transaction((tx) => queries.removeLeftover(tx, path));
      }
    },
  };
}

export function runPath(runId: string): string {
  return `${ROOT}/runs/${runId}.ipynb`;
}

/** All of a stream, which may not be larger than a file may be. @throws AppError `invalid` with reason `too_large` */
export async function readContent(stream: Readable, announced?: number): Promise<Content> {
  const refuse = (): never => {
    throw new AppError(
      "invalid",
      `A file of notebooks has at most ${FILE_BYTES_MAX} bytes; keep larger data as a dataset.`,
      {
        reason: "too_large",
      },
    );
  };
  if ((announced ?? 0) > FILE_BYTES_MAX) refuse();
  const hash = createHash("sha256");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > FILE_BYTES_MAX) refuse();
    hash.update(chunk);
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks), digest: hash.digest("hex") };
}
