import { AppError, assert } from "#lib/errors";
import type { Tx } from "#ports/database";
import { inclusionPath, leafHash, nodeHash, rootFromPath, splitOf } from "./merkle.ts";
import { parseCheckpoint, proofText } from "./note.ts";
import * as queries from "./queries.ts";

export const TILE_LEVEL = 8;
export const TILE_SIZE = 2 ** TILE_LEVEL; // A proof among a million records reads 4,000 tiles and two runs of 256 events.

/** Proof that record `seq` is in the tree of a checkpoint, checked before it is given away. */
export async function proveRecord(
  tx: Tx,
  seq: number,
  signed: { size: number; note: string },
): Promise<{ proof: string; event: string }> {
  const [event] = await queries.eventsBetween(tx, seq, seq + 1);
  const path = await inclusionPath(seq, signed.size, (from, to) => subtreeHash(tx, from, to));
  const root = parseCheckpoint(signed.note)?.root;
  const place = { index: seq, size: signed.size };
  const found = event === undefined ? undefined : rootFromPath(leafHash(event), place, path);
  if (event === undefined || root === undefined || found === undefined || !found.equals(root)) {
    throw new AppError("conflict", `Record ${seq} does not fit the signed tree: verify the audit trail.`);
  }
  return { proof: proofText(seq, path, signed.note), event };
}

async function subtreeHash(tx: Tx, from: number, to: number): Promise<Buffer> {
  if (to - from === TILE_SIZE && from % TILE_SIZE === 0) {
    const tile = await queries.tileHash(tx, from / TILE_SIZE);
    if (tile !== undefined) return tile;
  }
  if (to - from <= TILE_SIZE) return rootOfEvents(await queries.eventsBetween(tx, from, to));
  const middle = from + splitOf(to - from);
  return nodeHash(await subtreeHash(tx, from, middle), await subtreeHash(tx, middle, to));
}

function rootOfEvents(events: readonly string[]): Buffer {
  const [first] = events;
  assert(first !== undefined, "a subtree has at least one event");
  if (events.length === 1) return leafHash(first);
  const middle = splitOf(events.length);
  return nodeHash(rootOfEvents(events.slice(0, middle)), rootOfEvents(events.slice(middle)));
}
