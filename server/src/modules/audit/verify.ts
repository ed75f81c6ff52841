import type { AuditVerification } from "@atrium/contract/audit";
import type { Database } from "#ports/database";
import { type AuditEvent, CHAIN_START, chainHash, eventColumns } from "./event.ts";
import { appendLeaf, EMPTY, type Frontier, leafHash, rootOf } from "./merkle.ts";
import { isSignedBy, parseCheckpoint, type Signer } from "./note.ts";
import type { Outside } from "./outside.ts";
import * as queries from "./queries.ts";
import type { RecordRow } from "./tables.ts";

const VERIFY_PAGE = 1000; // About a megabyte of records and notes in memory at any time.

type Fault = NonNullable<AuditVerification["fault"]>;

interface Deps {
  db: Database;
  outside: Outside;
  signer: Signer;
}

/**
 * Walks the trail once, from its first record: recomputes the chain and the tree, and at each checkpoint's size compares
 * the root, the signature, and the copy kept outside. Stops at the first fault.
 */
export async function verifyTrail(deps: Deps, signal?: AbortSignal): Promise<AuditVerification> {
  const keys = await queries.keys(deps.db.reader);
  const head = await queries.head(deps.db.reader);
  // What is signed while we walk may speak of records that came after our last page, so both lists end here.
  const newest = await queries.lastCheckpoint(deps.db.reader);
  const published = await deps.outside.last();
  const signed = (note: string): boolean => keys.some((key) => isSignedBy(note, key.name, key.public_key));
  const ours = checkpointReader(storedCheckpoints(deps.db, newest?.size ?? 0), signed);
  const outside = checkpointReader(until(deps.outside.notes(), published), signed);
  let hash: Buffer = CHAIN_START;
  let tree: Frontier = EMPTY;
  let fault: Fault | undefined;

  for await (const row of records(deps.db, signal)) {
    fault = faultOfRecord(row, tree.size, hash);
    if (fault !== undefined) break;
    hash = row.hash;
    tree = appendLeaf(tree, leafHash(row.event));
    fault = (await ours.compare(tree)) ?? (await outside.compare(tree));
    if (fault === undefined && tree.size === head.frontier.size && !hash.equals(head.hash)) {
      fault = { kind: "forked", seq: row.seq, message: "The head names another hash for this record." };
    }
    if (fault !== undefined) break;
  }
  fault ??=
    faultOfTail(tree.size, head.frontier.size) ??
    (await ours.rest(tree.size)) ??
    (await outside.rest(tree.size));
  return {
    intact: fault === undefined,
    records: tree.size,
    checkpoints: ours.compared(),
    outsideCheckpoints: outside.compared(),
    unsignedRecords: tree.size - ours.lastSize(),
    root: rootOf(tree).toString("hex"),
    ...(fault === undefined ? {} : { fault }),
  };
}

function faultOfRecord(row: RecordRow, expected: number, previous: Buffer): Fault | undefined {
  if (row.seq !== expected) {
    return {
      kind: "missing",
      seq: expected,
      message: `Record ${expected} is missing; the next one is ${row.seq}.`,
    };
  }
  const event = parseEvent(row.event);
  if (event !== undefined && event.seq !== expected) {
    return {
      kind: "reordered",
      seq: expected,
      message: `In place of record ${expected} stands record ${event.seq}.`,
    };
  }
  if (event === undefined || !chainHash(previous, row.event).equals(row.hash)) {
    return {
      kind: "edited",
      seq: expected,
      message: `Record ${expected} does not have the hash it was chained with.`,
    };
  }
  const columns = Object.entries(eventColumns(event));
  const differing = columns.find(([name, value]) => row[name as keyof RecordRow] !== value);
  if (differing === undefined) return undefined;
  return {
    kind: "edited",
    seq: expected,
    message: `Column ${differing[0]} of record ${expected} contradicts its event.`,
  };
}

function faultOfTail(size: number, headSize: number): Fault | undefined {
  if (size >= headSize) return undefined;
  return {
    kind: "truncated",
    seq: size,
    message: `The head counts ${headSize} records; those from ${size} on are gone.`,
  };
}

/** Compares notes, which come in rising size, with the tree as it grows. */
function checkpointReader(notes: AsyncIterable<string>, signed: (note: string) => boolean) {
  const iterator = notes[Symbol.asyncIterator]();
  let waiting: IteratorResult<string> | undefined;
  let compared = 0;
  let lastSize = 0;

  async function compare(tree: Frontier): Promise<Fault | undefined> {
    for (;;) {
      waiting ??= await iterator.next();
      if (waiting.done === true) return undefined;
      const note = waiting.value;
      const checkpoint = parseCheckpoint(note);
      if (checkpoint !== undefined && checkpoint.size > tree.size) return undefined;
      const seq = lastSize;
      if (checkpoint === undefined || !signed(note)) {
        return {
          kind: "unsigned",
          seq,
          message: `The checkpoint after record ${seq} carries no signature of our keys.`,
        };
      }
      if (checkpoint.size < tree.size || !checkpoint.root.equals(rootOf(tree))) {
        const range = `${seq} to ${checkpoint.size - 1}`;
        return {
          kind: "forked",
          seq,
          message: `Among records ${range} the trail is another than the one that was signed.`,
        };
      }
      compared += 1;
      lastSize = checkpoint.size;
      waiting = undefined;
    }
  }

  /** What is left when the records have ended speaks of records that are gone. */
  async function rest(size: number): Promise<Fault | undefined> {
    waiting ??= await iterator.next();
    if (waiting.done === true) return undefined;
    const signedSize = parseCheckpoint(waiting.value)?.size ?? 0;
    if (!signed(waiting.value))
      return { kind: "unsigned", seq: lastSize, message: "A checkpoint carries no signature of our keys." };
    return {
      kind: "truncated",
      seq: size,
      message: `A checkpoint signed ${signedSize} records; those from ${size} on are gone.`,
    };
  }

  return { compare, rest, compared: () => compared, lastSize: () => lastSize };
}

async function* storedCheckpoints(db: Database, sizeMax: number): AsyncIterable<string> {
  let size = 0;
  while (size < sizeMax) {
    const page = await queries.checkpointsAfter(db.longReader, size, VERIFY_PAGE);
    for (const checkpoint of page) {
      if (checkpoint.size <= sizeMax) yield checkpoint.note;
    }
    if (page.length < VERIFY_PAGE) return;
    size = page.at(-1)?.size ?? sizeMax;
  }
}

async function* until(notes: AsyncIterable<string>, last: string | undefined): AsyncIterable<string> {
  for await (const note of notes) {
    yield note;
    if (note === last) return;
  }
}

async function* records(db: Database, signal: AbortSignal | undefined): AsyncIterable<RecordRow> {
  let next = 0;
  for (;;) {
    signal?.throwIfAborted();
    const page = await queries.recordsFrom(db.longReader, next, VERIFY_PAGE);
    yield* page;
    if (page.length < VERIFY_PAGE) return;
    next = (page.at(-1)?.seq ?? next) + 1;
  }
}

function parseEvent(text: string): AuditEvent | undefined {
  try {
    return JSON.parse(text) as AuditEvent;
  } catch {
    return undefined; // Text that is no JSON was not written by us: the caller reports it as edited.
  }
}
