import { createHash } from "node:crypto";
import { assert } from "#lib/errors";

/** The Merkle tree of RFC 6962, section 2.1. Hashes are 32 bytes. */

const HASH_BYTES = 32;
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

export function leafHash(data: string | Buffer): Buffer {
  return createHash("sha256").update(LEAF).update(data).digest();
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash("sha256").update(NODE).update(left).update(right).digest();
}

/**
 * The right edge of a tree of `size` leaves: the roots of its full subtrees, largest first, one for each bit set in
 * `size`. It is all that is needed to append and to know the root.
 */
export interface Frontier {
  size: number;
  roots: readonly Buffer[];
}

export const EMPTY: Frontier = { size: 0, roots: [] };

export function appendLeaf(frontier: Frontier, leaf: Buffer): Frontier {
  const completed = completedBy(frontier, leaf);
  const kept = frontier.roots.slice(0, frontier.roots.length - completed.length + 1);
  return { size: frontier.size + 1, roots: [...kept, completed.at(-1) ?? leaf] };
}

/** Roots of the full subtrees that end with this leaf, by level: 1 leaf, 2 leaves, 4 and so on. */
export function completedBy(frontier: Frontier, leaf: Buffer): Buffer[] {
  const completed = [leaf];
  let hash = leaf;
  let left = frontier.roots.length - 1;
  // Each trailing one-bit of the old size is a full subtree that the new leaf completes into the next larger one.
  for (let bits = frontier.size; bits % 2 === 1; bits = (bits - 1) / 2) {
    const sibling = frontier.roots[left];
    assert(sibling !== undefined, "a frontier has one root for each bit of its size");
    hash = nodeHash(sibling, hash);
    completed.push(hash);
    left -= 1;
  }
  return completed;
}

export function rootOf(frontier: Frontier): Buffer {
  const last = frontier.roots.at(-1);
  if (last === undefined) return createHash("sha256").digest();
  return frontier.roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

export function packFrontier(frontier: Frontier): Buffer {
  return Buffer.concat(frontier.roots);
}

export function unpackFrontier(size: number, packed: Buffer): Frontier {
  const roots: Buffer[] = [];
  for (let at = 0; at < packed.length; at += HASH_BYTES) roots.push(packed.subarray(at, at + HASH_BYTES));
  return { size, roots };
}

/** The largest power of two below `size`: where RFC 6962 splits a tree of that many leaves. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Gives the root of the leaves `from` (inclusive) to `to` (exclusive). */
export type SubtreeHash = (from: number, to: number) => Promise<Buffer>;

/** The hashes that lead from leaf `index` to the root of the first `size` leaves, nearest first (PATH in RFC 6962). */
export async function inclusionPath(index: number, size: number, hashOf: SubtreeHash): Promise<Buffer[]> {
  const path: Buffer[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push(await hashOf(middle, to));
      to = middle;
    } else {
      path.push(await hashOf(from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** The root that a leaf and its path amount to (RFC 9162, section 2.1.3.2). */
export function rootFromPath(
  leaf: Buffer,
  { index, size }: { index: number; size: number },
  path: readonly Buffer[],
): Buffer | undefined {
  if (index >= size) return undefined;
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}
