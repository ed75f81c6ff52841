import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import { SYSTEM } from "#modules/identity";
import type { ModelDescription, ModelFile, ModelFiles } from "#ports/engines";
import type { ServingDeps } from "./deps.ts";

const FILES_MAX = 5000; // A model of a large language model in shards has some hundred.
const FOLDERS_MAX = 1000;
const PAGE = 1000;

export interface FolderAt {
  projectId: string;
  path: string;
}

/** A model version's files, and what they say about themselves. */
export interface ModelFolder extends ModelDescription {
  files: ModelFiles;
}

/** Reads what stands in a model version's folder. @throws AppError `invalid` when it holds no model */
export async function readModelFolder(
  deps: Pick<ServingDeps, "artifacts" | "engines">,
  at: FolderAt,
): Promise<ModelFolder> {
  const listed = await listFiles(deps, at);
  if (listed.length === 0) throw new AppError("invalid", "The model version has no files here to serve.");
  const files: ModelFiles = {
    digest: digestOf(listed),
    files: async function* () {
      for (const file of listed) yield modelFile(deps, at, file);
    },
  };
  return { ...(await deps.engines.describe(files)), files };
}

interface Listed {
  /** Below the model's folder. */
  path: string;
  sizeBytes: number;
  digest: string;
}

async function listFiles({ artifacts }: Pick<ServingDeps, "artifacts">, at: FolderAt): Promise<Listed[]> {
  const files: Listed[] = [];
  const folders = [at.path];
  for (let i = 0; i < folders.length && i < FOLDERS_MAX; i += 1) {
    let pageToken: string | undefined;
    do {
      const folder = { projectId: at.projectId, path: folders[i] ?? "" };
      const page = await artifacts.list(SYSTEM, folder, { pageSize: PAGE, pageToken });
      for (const entry of page.items) {
        if (entry.kind === "folder") folders.push(entry.path);
        else
          files.push({
            path: entry.path.slice(at.path.length + 1),
            sizeBytes: entry.sizeBytes,
            digest: entry.digest,
          });
      }
      pageToken = page.nextToken;
    } while (pageToken !== undefined && files.length <= FILES_MAX);
  }
  if (files.length > FILES_MAX || folders.length > FOLDERS_MAX)
    throw new AppError("invalid", `A model may have at most ${FILES_MAX} files in ${FOLDERS_MAX} folders.`);
  return files;
}

function modelFile({ artifacts }: Pick<ServingDeps, "artifacts">, at: FolderAt, file: Listed): ModelFile {
  const path = `${at.path}/${file.path}`;
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    open: async (): Promise<Readable> =>
      (await artifacts.get(SYSTEM, { projectId: at.projectId, path })).bytes,
  };
}

function digestOf(files: readonly Listed[]): string {
  const hash = createHash("sha256");
  for (const { path, digest } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path}\0${digest}\n`);
  return hash.digest("hex");
}
