import type { Readable } from "node:stream";
import type {
  ArtifactEntry,
  ArtifactFile,
  ArtifactPart,
  ArtifactPreview,
  ArtifactScrub,
  ArtifactUpload,
  ArtifactUsage,
} from "@atrium/contract/artifacts";
import type { Page } from "#lib/paging";
import type { Actor, Place } from "#modules/identity";
import type { ByteRange } from "#ports/blobs";
import type { Tx } from "#ports/database";

/** Where a file or a folder lies. */
export interface ArtifactPath {
  projectId: string;
  /** Segments joined by `/`, none leading; empty for the project's root folder. Checked, and decoded to a fixed point. */
  path: string;
  /** Where the permission is asked for, when the caller knows; else the registered owner, else the project. */
  place?: Place | undefined;
}

export interface NewFile {
  /** Guessed from the name when not given. */
  mediaType?: string | undefined;
  /** Lower-case hexadecimal SHA-256; other content is refused with `invalid`. */
  expectedDigest?: string | undefined;
  /** What the sender announced, in bytes; a quota that cannot hold it refuses before a byte is read. */
  sizeBytes?: number | undefined;
}

/** One of many files; `open` is called once, when it is its turn. */
export interface FileToStore {
  path: string;
  open(): Readable;
}

export interface OpenFile {
  file: ArtifactFile;
  /** Verified chunk by chunk as it is read; an error in mid-stream means damage. */
  bytes: Readable;
}

export type ArtifactPermission = "artifact:read" | "artifact:write" | "artifact:delete";

/**
 * Says to which thing a path belongs, so that grants on that thing hold for its files; it may refuse to have more files
 * by throwing `not_found`. Asked for each file, before anything of it is read.
 */
export type OwnerOf = (
  projectId: string,
  path: string,
  permission: ArtifactPermission,
) => Promise<Place | undefined>;

/**
 * Named files over sealed, content-addressed bytes. Every path is checked; every change is recorded and announced
 * (`artifact.stored`, `artifact.removed`); reads are recorded once a minute.
 */
export interface Artifacts {
  /** Stores a file, replacing what was there. @throws AppError `invalid`, `conflict` (a folder), `exhausted`, `unavailable` */
  put(actor: Actor, at: ArtifactPath, bytes: Readable, given?: NewFile): Promise<ArtifactFile>;
  /**
   * Stores many files, all or none, in one transaction with the caller's own work: `commit` runs last in it, and what it
   * throws leaves nothing named. At most 2,000 files. @throws as `put`
   */
  putAll(
    actor: Actor,
    projectId: string,
    given: { files: readonly FileToStore[]; place?: Place | undefined; commit(tx: Tx): Promise<void> },
  ): Promise<void>;
  /** Opens a file. @throws AppError `not_found`, `invalid` (range beyond the end), `unavailable` (damaged) */
  get(actor: Actor, at: ArtifactPath, range?: ByteRange): Promise<OpenFile>;
  /** @throws AppError `not_found`, also for a folder */
  stat(actor: Actor, at: ArtifactPath): Promise<ArtifactFile>;
  /** One level of a folder, by path; an unknown folder is empty. */
  list(
    actor: Actor,
    folder: ArtifactPath,
    asked: { pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<ArtifactEntry>>;
  /** Deletes a file, or a folder with all below; answers with how many files went. */
  remove(actor: Actor, at: ArtifactPath): Promise<number>;
  /** Copies a file or a folder inside a project without touching bytes; answers with how many files. */
  copy(actor: Actor, from: ArtifactPath, to: ArtifactPath): Promise<number>;
  /** The head of a file, ready to show. */
  preview(actor: Actor, at: ArtifactPath): Promise<ArtifactPreview>;

  usage(actor: Actor, projectId: string): Promise<ArtifactUsage>;
  scrub(actor: Actor, projectId: string): Promise<ArtifactScrub>;

  /** Uploads in parts: any order, resumable after a restart, repeatable part by part. They expire after a week. */
  uploads: ArtifactUploads;

  /** Gives the paths below `prefix` (empty: all that no longer prefix claims) an owner. Call it while wiring. */
  registerOwner(prefix: string, ownerOf: OwnerOf): void;
}

export interface ArtifactUploads {
  create(actor: Actor, at: ArtifactPath, given?: { mediaType?: string | undefined }): Promise<ArtifactUpload>;
  /** @throws AppError `not_found` also when expired, ended or not the actor's to write */
  get(actor: Actor, projectId: string, id: string): Promise<ArtifactUpload>;
  putPart(actor: Actor, part: PartGiven, bytes: Readable): Promise<ArtifactPart>;
  complete(
    actor: Actor,
    projectId: string,
    id: string,
    given?: { expectedDigest?: string | undefined },
  ): Promise<ArtifactFile>;
  abort(actor: Actor, projectId: string, id: string): Promise<void>;
}

export interface PartGiven {
  projectId: string;
  uploadId: string;
  /** From 1 to 10,000. */
  number: number;
  expectedDigest?: string | undefined;
}
