import type { Readable } from "node:stream";
import { DATATYPE_BYTES, type Datatype, type Tensor } from "./tensors.ts";

/**
 * What server and child say to each other over a socket pair: `length u32 · kind u8 · body`, little-endian throughout.
 * Tensors travel as they lie in memory, so that a frame costs a copy and no parsing. The Python side is
 * python/atrium_pyfunc/frames.py.
 */
export const FRAME = {
  /** Server → child: JSON, once, first. */
  start: 1,
  /** Server → child: JSON `{ path, sizeBytes }`; that many bytes follow as chunks. */
  file: 2,
  chunk: 3,
  /** Server → child: all files were sent. */
  load: 4,
  /** Server → child: `id u32 · count u16 · items`. */
  batch: 5,
  /** Child → server: JSON, once: the signature. Or why there is none: `{ code, message }`. */
  ready: 16,
  refused: 17,
  /** Child → server: `id u32 · count u16 · answers`, in the order of the batch. */
  answer: 18,
} as const;

export interface Frame {
  kind: number;
  body: Buffer;
}

/** One request inside a batch. */
export type Item = { kind: "tensors"; tensors: readonly Tensor[] } | { kind: "json" | "csv"; bytes: Buffer };

/** Its answer. The code is the child's judgement: whose fault it was. */
export type Answer =
  | { kind: "tensors"; tensors: readonly Tensor[] }
  | { kind: "body"; bytes: Buffer }
  | { kind: "error"; code: AnswerCode; message: string };

export type AnswerCode = (typeof CODES)[number];

const DATATYPES = Object.keys(DATATYPE_BYTES) as Datatype[]; // Their place in this list is their number on the wire.
const ITEMS = ["tensors", "json", "csv"] as const;
const ANSWERS = ["tensors", "body", "error"] as const;
const CODES = ["invalid", "exhausted", "internal"] as const;

const FRAME_BYTES_MAX = 2 ** 31 - 1; // Beyond every body that we accept; a length above it is a broken stream.
const COPY_BYTES_MAX = 256 * 1024; // A copy of so much is cheaper than one more system call; beyond, pieces go as they are.

/** A frame ready to be written, in one piece or, when it is large, in several. */
export function frameOf(kind: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32LE(size + 1, 0);
  head.writeUInt8(kind, 4);
  const all = [head, ...parts];
  return size <= COPY_BYTES_MAX ? [Buffer.concat(all, size + 5)] : all;
}

export function jsonFrame(kind: number, value: unknown): Uint8Array[] {
  return frameOf(kind, [Buffer.from(JSON.stringify(value))]);
}

export function batchFrame(id: number, items: readonly Item[]): Uint8Array[] {
  const parts: Uint8Array[] = [countHead(id, items.length)];
  for (const item of items) {
    const kind = ITEMS.indexOf(item.kind);
    if (item.kind === "tensors") pushTensors(parts, kind, item.tensors);
    else pushBytes(parts, [kind], item.bytes);
  }
  return frameOf(FRAME.batch, parts);
}

export function answerFrame(id: number, answers: readonly Answer[]): Uint8Array[] {
  const parts: Uint8Array[] = [countHead(id, answers.length)];
  for (const answer of answers) {
    const kind = ANSWERS.indexOf(answer.kind);
    if (answer.kind === "tensors") pushTensors(parts, kind, answer.tensors);
    else if (answer.kind === "body") pushBytes(parts, [kind], answer.bytes);
    else pushBytes(parts, [kind, CODES.indexOf(answer.code)], Buffer.from(answer.message));
  }
  return frameOf(FRAME.answer, parts);
}

export function readBatch(body: Buffer): { id: number; items: Item[] } {
  const reader = new BodyReader(body);
  const id = reader.u32();
  const items = reader.times(reader.u16(), (): Item => {
    const kind = reader.oneOf(ITEMS);
    return kind === "tensors" ? { kind, tensors: reader.tensors() } : { kind, bytes: reader.bytes() };
  });
  return { id, items };
}

/** @throws Error when the bytes are no answer: the child is broken */
export function readAnswers(body: Buffer): { id: number; answers: Answer[] } {
  const reader = new BodyReader(body);
  const id = reader.u32();
  const answers = reader.times(reader.u16(), (): Answer => {
    const kind = reader.oneOf(ANSWERS);
    if (kind === "tensors") return { kind, tensors: reader.tensors() };
    if (kind === "body") return { kind, bytes: reader.bytes() };
    const code = reader.oneOf(CODES);
    return { kind, code, message: reader.bytes().toString("utf8") };
  });
  return { id, answers };
}

/** Calls `take` for each whole frame of a stream; what `take` gets is its own. @throws Error on a broken length */
export function readFrames(stream: Readable, take: (frame: Frame) => void): void {
  let pieces: Buffer[] = [];
  let held = 0;
  stream.on("data", (piece: Buffer) => {
    pieces.push(piece);
    held += piece.length;
    if (held < 4 || held < wanted(pieces)) return;
    let rest = pieces.length === 1 ? piece : Buffer.concat(pieces, held);
    while (rest.length >= 4) {
      const end = 4 + lengthAt(rest);
      if (rest.length < end) break;
      take({ kind: rest.readUInt8(4), body: rest.subarray(5, end) });
      rest = rest.subarray(end);
    }
    pieces = rest.length === 0 ? [] : [rest];
    held = rest.length;
  });
}

/** Bytes up to the end of the first frame, so that a large one is put together once, not at each piece. */
function wanted(pieces: readonly Buffer[]): number {
  const [first] = pieces;
  if (first === undefined) return 4;
  if (first.length >= 4) return 4 + lengthAt(first);
  const head = Buffer.concat(pieces.slice(0, 4));
  return head.length >= 4 ? 4 + lengthAt(head) : 4;
}

function lengthAt(bytes: Buffer): number {
  const length = bytes.readUInt32LE(0);
  if (length < 1 || length > FRAME_BYTES_MAX) throw new Error(`A frame of ${length} bytes cannot be.`);
  return length;
}

function countHead(id: number, count: number): Buffer {
  const head = Buffer.allocUnsafe(6);
  head.writeUInt32LE(id, 0);
  head.writeUInt16LE(count, 4);
  return head;
}

function pushBytes(parts: Uint8Array[], tags: readonly number[], bytes: Buffer): void {
  const head = Buffer.allocUnsafe(tags.length + 4);
  for (const [at, tag] of tags.entries()) head.writeUInt8(tag, at);
  head.writeUInt32LE(bytes.length, tags.length);
  parts.push(head, bytes);
}

function pushTensors(parts: Uint8Array[], kind: number, tensors: readonly Tensor[]): void {
  const head = Buffer.allocUnsafe(3);
  head.writeUInt8(kind, 0);
  head.writeUInt16LE(tensors.length, 1);
  parts.push(head);
  for (const { name, datatype, shape, data } of tensors) {
    const nameBytes = Buffer.byteLength(name);
    const meta = Buffer.allocUnsafe(2 + nameBytes + 2 + 4 * shape.length + 4);
    let at = meta.writeUInt16LE(nameBytes, 0);
    at += meta.write(name, at);
    at = meta.writeUInt8(DATATYPES.indexOf(datatype), at);
    at = meta.writeUInt8(shape.length, at);
    for (const length of shape) at = meta.writeUInt32LE(length, at);
    meta.writeUInt32LE(data.length, at);
    parts.push(meta, data);
  }
}

class BodyReader {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  u8(): number {
    return this.#body.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#body.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#body.readUInt32LE(this.#take(4));
  }

  bytes(): Buffer {
    return this.#slice(this.u32());
  }

  oneOf<T>(words: readonly T[]): T {
    const word = words[this.u8()];
    if (word === undefined) throw new Error("A frame has a word that we do not know.");
    return word;
  }

  times<T>(count: number, read: () => T): T[] {
    const all: T[] = [];
    for (let i = 0; i < count; i += 1) all.push(read());
    return all;
  }

  tensors(): Tensor[] {
    return this.times(this.u16(), () => {
      const name = this.#slice(this.u16()).toString("utf8");
      const datatype = this.oneOf(DATATYPES);
      const shape = this.times(this.u8(), () => this.u32());
      return { name, datatype, shape, data: this.bytes() };
    });
  }

  #slice(length: number): Buffer {
    const from = this.#take(length);
    return this.#body.subarray(from, from + length);
  }

  #take(length: number): number {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#body.length) throw new Error("A frame ends inside one of its parts.");
    return from;
  }
}
