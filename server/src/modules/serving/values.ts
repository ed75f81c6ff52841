import { AppError } from "#lib/errors";
import { type Datatype, joinBytes, splitBytes, type Tensor } from "#ports/engines";

/** An element of a tensor as JSON has it; whole numbers beyond 2^53 are text. */
export type Element = string | number | boolean | null;

const DEPTH_MAX = 9; // One more than a tensor has dimensions: what is nested deeper is no tensor.

/** Row-major elements of nested lists. @throws AppError `invalid` for nesting that no tensor has */
export function flatten(name: string, data: unknown): readonly unknown[] {
  if (Array.isArray(data) && !data.some(Array.isArray)) return data;
  const out: unknown[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (!Array.isArray(value)) {
      out.push(value);
      return;
    }
    if (depth > DEPTH_MAX)
      throw new AppError("invalid", `Input ${name} is nested deeper than a tensor can be.`);
    for (const one of value) walk(one, depth + 1);
  };
  walk(data, 0);
  return out;
}

/** @throws AppError `invalid` naming the input whose value its datatype cannot hold */
export function encode(name: string, datatype: Datatype, values: readonly unknown[]): Buffer {
  if (datatype === "BYTES") return joinBytes(values.map((value) => bytesOf(name, value)));
  const writer = WRITERS[datatype];
  const bytes = Buffer.allocUnsafe(values.length * writer.bytes); // Each of them is written below.
  for (let i = 0; i < values.length; i += 1) {
    if (!writer.write(bytes, i * writer.bytes, values[i])) throw unfit(name, datatype, values[i]);
  }
  return bytes;
}

/** Elements as JSON has them. BYTES that are no UTF-8 become replacement characters. */
export function decode({ datatype, data }: Pick<Tensor, "datatype" | "data">): Element[] {
  if (datatype === "BYTES") return splitBytes(data).map((element) => element.toString("utf8"));
  const { bytes, read } = WRITERS[datatype];
  const out: Element[] = new Array(Math.floor(data.length / bytes));
  for (let i = 0; i < out.length; i += 1) out[i] = read(data, i * bytes);
  return out;
}

interface Writer {
  bytes: number;
  /** False when the value does not fit. */
  write(into: Buffer, at: number, value: unknown): boolean;
  read(from: Buffer, at: number): Element;
}

function whole(
  bytes: 1 | 2 | 4,
  kind: "Int" | "UInt",
  put: (into: Buffer, value: number, at: number) => void,
): Writer {
  const min = kind === "Int" ? -(2 ** (8 * bytes - 1)) : 0;
  const max = kind === "Int" ? 2 ** (8 * bytes - 1) - 1 : 2 ** (8 * bytes) - 1;
  return {
    bytes,
    write: (into, at, value) => {
      if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) return false;
      put(into, value, at);
      return true;
    },
    read: (from, at) => (kind === "Int" ? from.readIntLE(at, bytes) : from.readUIntLE(at, bytes)),
  };
}

function long(kind: "Int" | "UInt"): Writer {
  const signed = kind === "Int";
  return {
    bytes: 8,
    write: (into, at, value) => {
      const exact = bigOf(value);
      if (exact === undefined || BigInt[signed ? "asIntN" : "asUintN"](64, exact) !== exact) return false;
      if (signed) into.writeBigInt64LE(exact, at);
      else into.writeBigUInt64LE(exact, at);
      return true;
    },
    read: (from, at) => {
      const exact = signed ? from.readBigInt64LE(at) : from.readBigUInt64LE(at);
      const near = Number(exact);
      return Number.isSafeInteger(near) ? near : String(exact);
    },
  };
}

function bigOf(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  // JSON has no whole numbers beyond 2^53 that survive a parser; text does.
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function real(
  bytes: 2 | 4 | 8,
  put: (into: Buffer, value: number, at: number) => void,
  read: (from: Buffer, at: number) => number,
): Writer {
  return {
    bytes,
    write: (into, at, value) => {
      // JSON has no NaN: null stands for it, as other servers of the protocol have it.
      const number = value === null ? Number.NaN : value;
      if (typeof number !== "number") return false;
      put(into, number, at);
      return true;
    },
    read: (from, at) => {
      const number = read(from, at);
      return Number.isFinite(number) ? number : null;
    },
  };
}

const WRITERS: Record<Exclude<Datatype, "BYTES">, Writer> = {
  BOOL: {
    bytes: 1,
    write: (into, at, value) => {
      if (typeof value !== "boolean" && value !== 0 && value !== 1) return false;
      into[at] = Number(value);
      return true;
    },
    read: (from, at) => from[at] !== 0,
  },
  INT8: whole(1, "Int", (into, value, at) => into.writeInt8(value, at)),
  INT16: whole(2, "Int", (into, value, at) => into.writeInt16LE(value, at)),
  INT32: whole(4, "Int", (into, value, at) => into.writeInt32LE(value, at)),
  INT64: long("Int"),
  UINT8: whole(1, "UInt", (into, value, at) => into.writeUInt8(value, at)),
  UINT16: whole(2, "UInt", (into, value, at) => into.writeUInt16LE(value, at)),
  UINT32: whole(4, "UInt", (into, value, at) => into.writeUInt32LE(value, at)),
  UINT64: long("UInt"),
  FP16: real(2, (into, value, at) => into.writeUInt16LE(halfOf(value), at), readHalf),
  BF16: real(2, writeBrain, readBrain),
  FP32: real(
    4,
    (into, value, at) => into.writeFloatLE(value, at),
    (from, at) => from.readFloatLE(at),
  ),
  FP64: real(
    8,
    (into, value, at) => into.writeDoubleLE(value, at),
    (from, at) => from.readDoubleLE(at),
  ),
};

function bytesOf(name: string, value: unknown): Buffer {
  if (typeof value !== "string") throw unfit(name, "BYTES", value);
  return Buffer.from(value, "utf8");
}

function unfit(name: string, datatype: Datatype, value: unknown): AppError {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? "nothing";
  return new AppError("invalid", `Input ${name} is ${datatype} and cannot hold ${shown}.`, { at: name });
}

// Half precision: 1 sign, 5 exponent, 10 fraction bits.

const HALF_MIN_EXPONENT = -14;
const HALF_MAX = 65_504;

function halfOf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= HALF_MAX + 16) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(size)), HALF_MIN_EXPONENT);
  const units = roundToEven(size * 2 ** (10 - exponent)); // Counted in the last fraction bit of this exponent.
  const normal = units >= 1024;
  // A carry out of the fraction rolls into the exponent by itself.
  return sign | (normal ? (exponent + 14) * 1024 + units : units);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

function readHalf(from: Buffer, at: number): number {
  const bits = from.readUInt16LE(at);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The upper half of a single-precision number, rounded to even. */
function writeBrain(into: Buffer, value: number, at: number): void {
  const single = Buffer.alloc(4);
  single.writeFloatLE(value);
  const bits = single.readUInt32LE();
  const rounded = Number.isNaN(value) ? 0x7fc0 : ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
  into.writeUInt16LE(rounded, at);
}

function readBrain(from: Buffer, at: number): number {
  const single = Buffer.alloc(4);
  single.writeUInt16LE(from.readUInt16LE(at), 2);
  return single.readFloatLE();
}
