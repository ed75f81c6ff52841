import { Readable } from "node:stream";
import type { ArtifactUpload } from "@atrium/contract/artifacts";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ArtifactsDeps, Contents, Permit } from "./contents.ts";
import type { ArtifactUploads } from "./door.ts";
import { FILE_BYTES_MAX, type NameContent, refuseClash } from "./files.ts";
import { mediaTypeOf } from "./media-type.ts";
import { checkPath } from "./path.ts";
import * as queries from "./queries.ts";
import type { PartRow, UploadRow } from "./tables.ts";

const LIFE_MS = 7 * 24 * 3600 * 1000; // A week: a laptop may be closed over a weekend in the middle of an upload.
const PART_BYTES_MAX = 5 * 1024 ** 3; // As S3; 10,000 parts then hold 48 TiB.
const PARTS_MAX = 10_000;

/** Uploads in parts. A part is kept content like any other; joining streams them through once into the file's own. */
export function createUploads(
  deps: ArtifactsDeps,
  parts: { contents: Contents; name: NameContent; permit: Permit },
): ArtifactUploads {
  const { db, audit, clock } = deps;
  const { contents, name, permit } = parts;

  async function writable(actor: Actor, projectId: string, id: string): Promise<UploadRow> {
    const row = alive(await queries.uploadById(db.reader, projectId, id), id);
    await permit(actor, "artifact:write", { projectId, path: row.path });
    return row;
  }

  function alive(row: UploadRow | undefined, id: string): UploadRow {
    if (row === undefined || row.expires_ms <= clock.now()) {
      throw new AppError(
        "not_found",
        `There is no upload '${id.slice(0, 40)}', or it has ended; begin a new one.`,
      );
    }
    return row;
  }

  async function recordEnd(tx: Tx, actor: Actor, row: UploadRow, action: string): Promise<void> {
    const resource = { type: "artifact", id: row.path };
    await audit.record(tx, actor, {
      action,
      resource,
      projectId: row.project_id,
      details: { upload: row.id },
    });
  }

  return {
    create: async (actor, at, given = {}) => {
      const path = checkPath(at.path);
      await permit(actor, "artifact:write", { ...at, path });
      await refuseClash(db.reader, at.projectId, path);
      const nowMs = clock.now();
      const row: UploadRow = {
        id: newId(),
        project_id: at.projectId,
        path,
        media_type: mediaTypeOf(path, given.mediaType),
        created_ms: nowMs,
        expires_ms: nowMs + LIFE_MS,
      };
      await db.transaction(async (tx) => {
        await queries.insertUpload(tx, row);
        await recordEnd(tx, actor, row, "artifact.upload-begun");
      });
      return toUpload(row, []);
    },

    get: async (actor, projectId, id) => {
      const row = await writable(actor, projectId, id);
      return toUpload(row, await queries.partsOf(db.reader, id));
    },

    putPart: async (actor, part, bytes) => {
      const { projectId, uploadId, number } = part;
      if (!Number.isInteger(number) || number < 1 || number > PARTS_MAX) {
        throw new AppError("invalid", `Part numbers go from 1 to ${PARTS_MAX}.`, { at: "number" });
      }
      await writable(actor, projectId, uploadId);
      const limits = { sizeBytesMax: PART_BYTES_MAX, expectedDigest: part.expectedDigest };
      return contents.store({ projectId, bytes, limits }, async (tx, { digest, sizeBytes }) => {
        alive(await queries.uploadForChange(tx, projectId, uploadId), uploadId);
        const row = { upload_id: uploadId, number, project_id: projectId, digest, size_bytes: sizeBytes };
        await queries.savePart(tx, row);
        return { number, digest, sizeBytes };
      });
    },

    complete: async (actor, projectId, id, given = {}) => {
      const row = await writable(actor, projectId, id);
      const all = await queries.partsOf(db.reader, id);
      refuseGaps(all);
      const bytes = Readable.from(joined(contents, all), { objectMode: false });
      const limits = { sizeBytesMax: FILE_BYTES_MAX, expectedDigest: given.expectedDigest };
      const stored = contents.store({ projectId, bytes, limits }, async (tx, { digest, sizeBytes }) => {
        alive(await queries.uploadForChange(tx, projectId, id), id);
        if (!sameParts(all, await queries.partsOf(tx, id))) {
          throw new AppError(
            "conflict",
            "A part was sent again while the upload was completed; complete it once more.",
          );
        }
        await queries.deleteUpload(tx, id);
        const file = { path: row.path, digest, size_bytes: sizeBytes, mediaType: row.media_type };
        return name(tx, actor, { project_id: projectId, ...file });
      });
      return stored.finally(() => bytes.destroy());
    },

    abort: async (actor, projectId, id) => {
      await writable(actor, projectId, id);
      await db.transaction(async (tx) => {
        const row = alive(await queries.uploadForChange(tx, projectId, id), id);
        await queries.deleteUpload(tx, id);
        await recordEnd(tx, actor, row, "artifact.upload-aborted");
      });
    },
  };
}

async function* joined(contents: Contents, all: readonly PartRow[]): AsyncIterable<Buffer> {
  for (const part of all) {
    for await (const piece of await contents.open(part.project_id, part.digest)) yield piece as Buffer;
  }
}

function refuseGaps(all: readonly PartRow[]): void {
  if (all.length === 0) throw new AppError("invalid", "No part has arrived; send part 1 first.");
  const gap = all.findIndex((part, i) => part.number !== i + 1);
  if (gap >= 0)
    throw new AppError("invalid", `Part ${gap + 1} is missing; send it, then complete the upload.`);
}

function sameParts(before: readonly PartRow[], now: readonly PartRow[]): boolean {
  return before.length === now.length && before.every((part, i) => part.digest === now[i]?.digest);
}

function toUpload(row: UploadRow, all: readonly PartRow[]): ArtifactUpload {
  return {
    id: row.id,
    path: row.path,
    mediaType: row.media_type,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    parts: all.map((part) => ({ number: part.number, digest: part.digest, sizeBytes: part.size_bytes })),
  };
}
