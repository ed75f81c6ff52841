import { buffer } from "node:stream/consumers";
import type { Actor, Place } from "#modules/identity";
import { type ArtifactsDeps, createContents, type Permit } from "./contents.ts";
import type { ArtifactPath, ArtifactPermission, Artifacts, OwnerOf } from "./door.ts";
import { createFiles, toFile } from "./files.ts";
import { bytesToPreview, previewOf } from "./preview.ts";
import * as queries from "./queries.ts";
import { createUploads } from "./uploads.ts";

const LARGEST_SHOWN = 20;
const DAMAGED_SHOWN = 200;

/** Named files over sealed, content-addressed bytes. */
export function createArtifacts(deps: ArtifactsDeps): Artifacts {
  const { db, access } = deps;
  const owners = createOwners();
  const permit: Permit = async (actor, permission, at: ArtifactPath) =>
    access.require(actor, permission, at.place ?? (await owners.placeOf(at, permission)));
  const contents = createContents(deps);
  const { name, ...files } = createFiles(deps, contents, permit);

  const preview: Artifacts["preview"] = async (actor, at) => {
    const file = await files.stat(actor, at);
    const bytes = bytesToPreview(file);
    if (bytes === 0) return previewOf(file, Buffer.alloc(0));
    const opened = await files.get(actor, at, { start: 0, end: bytes - 1 });
    return previewOf(opened.file, await buffer(opened.bytes));
  };

  async function requireProject(actor: Actor, projectId: string): Promise<void> {
    await access.require(actor, "artifact:read", { kind: "project", projectId });
  }

  const usage: Artifacts["usage"] = async (actor, projectId) => {
    await requireProject(actor, projectId);
    const [sum, kept, largest] = await Promise.all([
      queries.sumFiles(db.longReader, projectId),
      queries.sumContents(db.longReader, projectId),
      queries.largestFiles(db.longReader, projectId, LARGEST_SHOWN),
    ]);
    return { files: sum.count, fileBytes: sum.bytes, storedBytes: kept.bytes, largest: largest.map(toFile) };
  };

  const scrub: Artifacts["scrub"] = async (actor, projectId) => {
    await requireProject(actor, projectId);
    const sum = await queries.sumContents(db.longReader, projectId);
    const damaged = await queries.damagedContents(db.longReader, projectId, DAMAGED_SHOWN);
    return {
      contents: sum.count,
      verified: sum.verified,
      ...(sum.oldestMs > 0 ? { oldestVerifiedMs: sum.oldestMs } : {}),
      damaged: damaged.map((row) => ({
        digest: row.digest,
        sizeBytes: row.size_bytes,
        damagedMs: row.damaged_ms,
      })),
    };
  };

  return {
    ...files,
    preview,
    usage,
    scrub,
    uploads: createUploads(deps, { contents, name, permit }),
    registerOwner: owners.register,
  };
}

/** Which thing owns which paths: the longest registered prefix answers, else the project itself. */
function createOwners() {
  const registered: { prefix: string; ownerOf: OwnerOf }[] = [];
  return {
    register(prefix: string, ownerOf: OwnerOf): void {
      registered.push({ prefix, ownerOf });
      registered.sort((a, b) => b.prefix.length - a.prefix.length);
    },
    async placeOf(at: { projectId: string; path: string }, permission: ArtifactPermission): Promise<Place> {
      const owner = registered.find(
        ({ prefix }) => prefix === "" || at.path === prefix || at.path.startsWith(`${prefix}/`),
      );
      const place = await owner?.ownerOf(at.projectId, at.path, permission);
      return place ?? { kind: "project", projectId: at.projectId };
    },
  };
}
