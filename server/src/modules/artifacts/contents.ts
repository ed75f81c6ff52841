import type { Readable } from "node:stream";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl, Actor, Place } from "#modules/identity";
import type { Projects } from "#modules/projects";
import type { Blobs, ByteRange, PutLimits, StoredBlob } from "#ports/blobs";
import type { Database, Tx } from "#ports/database";
import type { Events } from "#ports/events";
import type { ArtifactPermission } from "./door.ts";
import * as queries from "./queries.ts";

export interface ArtifactsDeps {
  db: Database;
  blobs: Blobs;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce">;
  projects: Pick<Projects, "checkQuota">;
  clock: Clock;
}

/** Who may do what where; `artifacts.ts` makes it from the registered owners. */
export type Permit = (
  actor: Actor,
  permission: ArtifactPermission,
  at: { projectId: string; path: string; place?: Place | undefined },
) => Promise<void>;

/** The part of artifacts that knows which sealed object holds which content. See docs/decisions on garbage collection. */
export function createContents({ db, blobs, projects, clock }: ArtifactsDeps) {
  /**
   * Stores bytes, then runs `work` in the transaction that takes them into use. What is refused there leaves nothing;
   * after an unclear failure the object stays for garbage collection, for the commit may stand.
   */
  async function store<T>(
    given: { projectId: string; bytes: Readable; limits: PutLimits },
    work: (tx: Tx, stored: StoredBlob) => Promise<T>,
  ): Promise<T> {
    const stored = await blobs.put(given.projectId, given.bytes, given.limits);
    let surplus: string | undefined;
    const result = await db
      .transaction(async (tx) => {
        surplus = await keep(tx, given.projectId, stored);
        return work(tx, stored);
      })
      .catch(async (thrown: unknown) => {
        if (isRefusal(thrown)) await blobs.remove(given.projectId, stored.id);
        throw thrown;
      });
    if (surplus !== undefined) await removeObjects([{ project_id: given.projectId, object_id: surplus }]);
    return result;
  }

  /** As `store`, for many contents that are taken into use together. */
  async function storeAll(
    given: { projectId: string; sources: readonly (() => Readable)[]; limits: PutLimits },
    work: (tx: Tx, stored: readonly StoredBlob[]) => Promise<void>,
  ): Promise<void> {
    const { projectId, sources, limits } = given;
    const stored: StoredBlob[] = [];
    const surplus: string[] = [];
    try {
      for (const open of sources) stored.push(await blobs.put(projectId, open(), limits));
      await db.transaction(async (tx) => {
        surplus.length = 0; // A transaction may run again.
        for (const one of stored) {
          const unneeded = await keep(tx, projectId, one);
          if (unneeded !== undefined) surplus.push(unneeded);
        }
        await work(tx, stored);
      });
    } catch (thrown) {
      const none = isRefusal(thrown) || stored.length < sources.length;
      if (none) for (const { id } of stored) await blobs.remove(projectId, id);
      throw thrown;
    }
    await removeObjects(surplus.map((object_id) => ({ project_id: projectId, object_id })));
  }

  /** Takes a stored object into use; answers with the object that is not needed, when the content was here before. */
  async function keep(tx: Tx, projectId: string, stored: StoredBlob): Promise<string | undefined> {
    await lock(tx, projectId);
    const nowMs = clock.now();
    const before = await queries.contentOf(tx, projectId, stored.digest);
    if (before === undefined) {
      if (await queries.isRemoval(tx, stored.id)) {
        throw new AppError("unavailable", "The upload took too long to be kept; send it again.");
      }
      await projects.checkQuota(tx, projectId, "artifactBytes", stored.sizeBytes);
      await queries.insertContent(tx, {
        project_id: projectId,
        digest: stored.digest,
        object_id: stored.id,
        size_bytes: stored.sizeBytes,
        used_ms: nowMs,
        verified_ms: nowMs, // It was hashed as it was written.
        damaged_ms: 0,
      });
      return undefined;
    }
    // Sent again, a damaged content is whole again: everything that names it profits.
    const heals = before.damaged_ms > 0;
    const surplus = heals ? before.object_id : stored.id;
    const healed = heals ? { object_id: stored.id, damaged_ms: 0, verified_ms: nowMs } : {};
    await queries.changeContent(tx, before, { used_ms: nowMs, ...healed });
    await queries.addRemovals(tx, projectId, [surplus]);
    return surplus;
  }

  /** Removes objects that a committed transaction gave up; killed between, the next round ends it. */
  async function removeObjects(gone: readonly { project_id: string; object_id: string }[]): Promise<void> {
    if (gone.length === 0) return;
    for (const object of gone) await blobs.remove(object.project_id, object.object_id);
    await db.transaction((tx) =>
      queries.deleteRemovals(
        tx,
        gone.map((object) => object.object_id),
      ),
    );
  }

  async function open(projectId: string, digest: string, range?: ByteRange): Promise<Readable> {
    const content = await queries.contentOf(db.reader, projectId, digest);
    if (content === undefined) throw new AppError("not_found", "The content is gone.", { reason: "missing" });
    return blobs.get(projectId, content.object_id, range);
  }

  /** Refuses an announced size that the quota cannot hold, before a byte is read. */
  async function ensureRoom(projectId: string, sizeBytes: number): Promise<void> {
    await db.transaction(async (tx) => {
      await projects.checkQuota(tx, projectId, "artifactBytes", sizeBytes);
      await projects.checkQuota(tx, projectId, "artifactBytes", -sizeBytes);
    });
  }

  return { store, storeAll, open, removeObjects, ensureRoom };
}

export type Contents = ReturnType<typeof createContents>;

/** One at a time per project: taking contents into use, naming them again, and giving them up. */
export async function lock(tx: Tx, projectId: string): Promise<void> {
  await tx.serialize(`artifacts:${projectId}`);
}

function isRefusal(thrown: unknown): boolean {
  return (
    thrown instanceof AppError && ["exhausted", "conflict", "invalid", "not_found"].includes(thrown.code)
  );
}
