import { AppError } from "#lib/errors";
import { DEPTH_MAX, emptyOf, type Field, type Message, type ScalarKind } from "./message.ts";

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const FIXED_32 = 5;
const VARINT_BYTES_MAX = 10;

const WIRE_TYPE: Record<ScalarKind, number> = {
  string: LENGTH,
  bool: VARINT,
  bytes: LENGTH,
  hex: LENGTH,
  enum: VARINT,
  uint32: VARINT,
  fixed32: FIXED_32,
  int64: VARINT,
  fixed64: FIXED_64,
  sfixed64: FIXED_64,
  double: FIXED_64,
};

/** What is read, and how far. */
interface Cursor {
  bytes: Buffer;
  at: number;
}

/**
 * Reads a message; fields that it does not know are passed over.
 * @throws AppError `invalid` for bytes that are no such message
 * @remarks Wire format: protobuf.dev/programming-guides/encoding.
 */
export function decodeProto<T>(of: Message<T>, bytes: Buffer): T {
  return read(of, bytes, 0) as T;
}

function read(of: Message<unknown>, bytes: Buffer, depth: number): Record<string, unknown> {
  if (depth > DEPTH_MAX) throw malformed("its messages stand in one another too deep");
  const values = emptyOf(of);
  const byNumber = fieldsByNumber(of);
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = unsigned(cursor);
    const wireType = tag % 8;
    const number = Math.floor(tag / 8);
    if (number === 0) throw malformed("a field has the number 0");
    const known = byNumber.get(number);
    if (known === undefined) skip(cursor, wireType);
    else take({ ...known, cursor, wireType, depth }, values);
  }
  return values;
}

interface Taking {
  name: string;
  field: Field<unknown>;
  cursor: Cursor;
  wireType: number;
  depth: number;
}

function take({ name, field, cursor, wireType, depth }: Taking, values: Record<string, unknown>): void {
  const { kind, count } = field;
  if (typeof kind === "function") {
    if (wireType !== LENGTH) throw malformed(`${name} is no message`);
    const part = block(cursor);
    const later = () => read(kind(), part, depth + 1);
    if (count === "one") values[name] = later();
    else (values[name] as unknown[]).push(count === "many" ? later() : later);
    return;
  }
  const expected = WIRE_TYPE[kind];
  if (count === "many" && wireType === LENGTH && expected !== LENGTH) {
    const packed = { bytes: block(cursor), at: 0 };
    while (packed.at < packed.bytes.length) (values[name] as unknown[]).push(scalar(packed, kind));
    return;
  }
  if (wireType !== expected) throw malformed(`${name} is written as something else`);
  const value = scalar(cursor, kind);
  if (count === "one") values[name] = value;
  else (values[name] as unknown[]).push(value);
}

function scalar(cursor: Cursor, kind: ScalarKind): unknown {
  switch (kind) {
    case "string":
      return block(cursor).toString("utf8");
    case "bytes":
      return block(cursor);
    case "hex":
      return block(cursor).toString("hex");
    case "bool":
      return unsigned(cursor) !== 0;
    case "enum":
      return Number(BigInt.asIntN(32, varint(cursor)));
    case "uint32":
      return Number(BigInt.asUintN(32, varint(cursor)));
    case "int64":
      return BigInt.asIntN(64, varint(cursor));
    case "fixed32":
      return fixed(cursor, 4).readUInt32LE();
    case "fixed64":
      return fixed(cursor, 8).readBigUInt64LE();
    case "sfixed64":
      return fixed(cursor, 8).readBigInt64LE();
    case "double":
      return fixed(cursor, 8).readDoubleLE();
  }
}

/** For tags and lengths: what exceeds a double's whole numbers is beyond any body anyway. */
function unsigned(cursor: Cursor): number {
  let value = 0;
  for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw malformed("it ends within a number");
    cursor.at += 1;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw malformed("a number is too long");
}

function varint(cursor: Cursor): bigint {
  let value = 0n;
  for (let i = 0n; i < VARINT_BYTES_MAX; i += 1n) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) throw malformed("it ends within a number");
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << (7n * i);
    if (byte < 0x80) return value;
  }
  throw malformed("a number is too long");
}

function block(cursor: Cursor): Buffer {
  return fixed(cursor, unsigned(cursor));
}

function fixed(cursor: Cursor, length: number): Buffer {
  const { bytes, at } = cursor;
  if (length > bytes.length - at) throw malformed("it ends before it should");
  cursor.at += length;
  return bytes.subarray(at, at + length);
}

function skip(cursor: Cursor, wireType: number): void {
  if (wireType === VARINT) unsigned(cursor);
  else if (wireType === FIXED_64) fixed(cursor, 8);
  else if (wireType === LENGTH) block(cursor);
  else if (wireType === FIXED_32) fixed(cursor, 4);
  else throw malformed(`it has a field of the kind ${wireType}`);
}

const NUMBERED = new WeakMap<Message<unknown>, Map<number, { name: string; field: Field<unknown> }>>();

function fieldsByNumber(of: Message<unknown>): Map<number, { name: string; field: Field<unknown> }> {
  const known = NUMBERED.get(of);
  if (known !== undefined) return known;
  const entries: [string, Field<unknown>][] = Object.entries(of.fields);
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  NUMBERED.set(of, byNumber);
  return byNumber;
}

function malformed(why: string): AppError {
  return new AppError("invalid", `The body is no such protobuf message: ${why}.`, { at: "body" });
}
