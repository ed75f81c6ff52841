import type { AuditFilter, AuditRecord } from "@atrium/contract/audit";
import type { Clock } from "#lib/clock";
import { AppError, assert } from "#lib/errors";
import { decodePageToken, encodePageToken, type Page } from "#lib/paging";
import type { Database, Tx } from "#ports/database";
import type { Secrets } from "#ports/secrets";
import { canonicalJson } from "./canonical.ts";
import type { Audit } from "./door.ts";
import { chainHash, eventColumns, makeEvent, recordOf } from "./event.ts";
import { exportRecords } from "./export.ts";
import { appendLeaf, completedBy, leafHash, rootOf } from "./merkle.ts";
import { parseCheckpoint, type Signer, signCheckpoint, verifierKey } from "./note.ts";
import { outsideFile } from "./outside.ts";
import { proveRecord, TILE_LEVEL, TILE_SIZE } from "./prove.ts";
import * as queries from "./queries.ts";
import type { AuditActor, AuditEntry } from "./record.ts";
import { openSigner } from "./signer.ts";
import { verifyTrail } from "./verify.ts";

const ACCESS_EVERY_MS = 60_000;
const ACCESS_REMEMBERED_MAX = 20_000; // About 6 MiB; beyond it the oldest is recorded again, which harms nobody.

export interface AuditDeps {
  db: Database;
  clock: Clock;
  secrets: Secrets;
  /** Where checkpoints are copied to, outside the database: `<data>/audit-checkpoints.txt`. */
  checkpointFile: string;
}

/** Opens the audit trail; nothing is read or written before the first call. */
export function createAudit({ db, clock, secrets, checkpointFile }: AuditDeps): Audit {
  const outside = outsideFile(checkpointFile);
  const recentAccess = new Map<string, Promise<void>>();
  let opening: Promise<Signer> | undefined;
  let checkpointing: Promise<void> = Promise.resolve();

  return {
    record,
    recordAccess,
    search,
    export: (filter, format) => exportRecords(db.longReader, filter, format),
    prove,
    checkpoint: () => {
      checkpointing = checkpointing.catch(() => {}).then(checkpoint);
      return checkpointing;
    },
    latestCheckpoint,
    verify: async (signal) => verifyTrail({ db, outside, signer: await signer() }, signal),
  };

  async function record(tx: Tx, actor: AuditActor, entry: AuditEntry): Promise<void> {
    assert(
      /^[a-z][a-z-]*(\.[a-z][a-z-]*)+$/.test(entry.action),
      `an action is written thing.happened: ${entry.action}`,
    );
    await tx.serialize("audit");
    const head = await queries.head(tx);
    const seq = head.frontier.size;
    const event = makeEvent(actor, entry, { seq, atMs: clock.now() });
    const text = canonicalJson(event);
    const hash = chainHash(head.hash, text);
    const leaf = leafHash(text);
    await queries.addRecord(tx, { ...eventColumns(event), event: text, hash });
    await queries.saveHead(tx, { hash, frontier: appendLeaf(head.frontier, leaf) });
    const tile = completedBy(head.frontier, leaf)[TILE_LEVEL];
    if (tile !== undefined) await queries.addTile(tx, Math.floor(seq / TILE_SIZE), tile);
  }

  async function recordAccess(actor: AuditActor, entry: AuditEntry): Promise<void> {
    const minute = Math.floor(clock.now() / ACCESS_EVERY_MS);
    const parts = [
      minute,
      actor.id,
      actor.via.id,
      entry.action,
      entry.resource.type,
      entry.resource.id,
      entry.outcome,
    ];
    const key = JSON.stringify(parts);
    const standing = recentAccess.get(key);
    if (standing !== undefined) return standing;
    const writing = db.transaction((tx) => record(tx, actor, entry));
    recentAccess.set(key, writing);
    if (recentAccess.size > ACCESS_REMEMBERED_MAX)
      recentAccess.delete(recentAccess.keys().next().value ?? "");
    try {
      await writing;
    } catch (thrown) {
      recentAccess.delete(key); // What was not recorded must be tried again, and the reader gets no answer.
      throw thrown;
    }
  }

  async function search(
    filter: AuditFilter,
    page: { pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<AuditRecord>> {
    const [position] = page.pageToken === undefined ? [] : decodePageToken(page.pageToken, 1);
    if (position !== undefined && typeof position !== "number") {
      throw new AppError("invalid", "The page token is not one of ours; start again from the first page.");
    }
    const rows = await queries.matching(db.longReader, filter, {
      order: "desc",
      position,
      limit: page.pageSize + 1,
    });
    const items = rows.slice(0, page.pageSize).map(recordOf);
    const last = items.at(-1);
    return rows.length > page.pageSize && last !== undefined
      ? { items, nextToken: encodePageToken([last.seq]) }
      : { items };
  }

  async function prove(seq: number): Promise<{ proof: string; event: string; verifierKey: string }> {
    await checkpoint();
    const latest = await queries.lastCheckpoint(db.reader);
    if (latest === undefined || seq >= latest.size) {
      throw new AppError("not_found", `The audit trail has no record ${seq}.`);
    }
    const { name, publicKey } = await signer();
    return { ...(await proveRecord(db.longReader, seq, latest)), verifierKey: verifierKey(name, publicKey) };
  }

  /** A tree is never signed that contradicts what was signed before: after a restore, a person must look first. */
  async function checkpoint(): Promise<void> {
    const key = await signer();
    const head = await queries.head(db.reader);
    const last = await queries.lastCheckpoint(db.reader);
    const published = await outside.last();
    await refuseToForget(published);
    if (head.frontier.size > (last?.size ?? 0)) {
      const note = signCheckpoint(head.frontier.size, rootOf(head.frontier), key);
      await db.transaction((tx) =>
        queries.addCheckpoint(tx, { size: head.frontier.size, note, at_ms: clock.now() }),
      );
    }
    const newest = await queries.lastCheckpoint(db.reader);
    if (newest !== undefined && newest.note !== published) await outside.append(newest.note);
  }

  async function refuseToForget(published: string | undefined): Promise<void> {
    if (published === undefined) return;
    const size = parseCheckpoint(published)?.size ?? -1;
    if ((await queries.checkpointAt(db.reader, size)) === published) return;
    throw new AppError(
      "conflict",
      `${checkpointFile} holds an audit checkpoint of ${size} records that the database does not know: it was put back to an ` +
        "older state, or records were removed. Verify the audit trail; move the file away to go on from here.",
    );
  }

  async function latestCheckpoint(): Promise<{ note?: string; size: number; verifierKey: string }> {
    const { name, publicKey } = await signer();
    const last = await queries.lastCheckpoint(db.reader);
    return { ...last, size: last?.size ?? 0, verifierKey: verifierKey(name, publicKey) };
  }

  function signer(): Promise<Signer> {
    opening ??= openSigner({ db, clock, secrets }).catch((thrown) => {
      opening = undefined;
      throw thrown;
    });
    return opening;
  }
}
