import { AppError } from "#lib/errors";
import { DEPTH_MAX, emptyOf, type Field, type Message, type ScalarKind } from "./message.ts";

const NUMBERS: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, "-Infinity": -Infinity };
const UINT_64 = { min: 0n, max: 2n ** 64n - 1n };
const INT_64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const UINT_32_MAX = 2 ** 32 - 1;

/**
 * Reads a message from parsed JSON; fields that it does not know are passed over.
 * @throws AppError `invalid` with the place of what is wrong
 * @remarks Wire format: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding": ids in hexadecimal, enums as numbers.
 */
export function decodeJson<T>(of: Message<T>, json: unknown): T {
  return read(of, json, { at: "body", depth: 0 }) as T;
}

interface Place {
  at: string;
  depth: number;
}

function read(of: Message<unknown>, json: unknown, { at, depth }: Place): Record<string, unknown> {
  if (depth > DEPTH_MAX) throw malformed(at, "its messages stand in one another too deep");
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw malformed(at, "expected an object");
  const values = emptyOf(of);
  const fields: [string, Field<unknown>][] = Object.entries(of.fields);
  for (const [name, field] of fields) {
    const given = Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined;
    if (given === undefined || given === null) continue;
    const place = { at: `${at}.${name}`, depth: depth + 1 };
    values[name] = field.count === "one" ? element(field, given, place) : list(field, given, place);
  }
  return values;
}

function list(field: Field<unknown>, given: unknown, { at, depth }: Place): unknown[] {
  if (!Array.isArray(given)) throw malformed(at, "expected a list");
  return given.map((one, i) => {
    const decode = () => element(field, one, { at: `${at}[${i}]`, depth });
    return field.count === "many, later" ? decode : decode();
  });
}

function element({ kind }: Field<unknown>, given: unknown, place: Place): unknown {
  return typeof kind === "function" ? read(kind(), given, place) : scalar(kind, given, place.at);
}

function scalar(kind: ScalarKind, given: unknown, at: string): unknown {
  switch (kind) {
    case "string":
      if (typeof given === "string") return given;
      throw malformed(at, "expected a text");
    case "bool":
      if (typeof given === "boolean") return given;
      throw malformed(at, "expected true or false");
    case "bytes":
      if (typeof given === "string") return Buffer.from(given, "base64");
      throw malformed(at, "expected base64");
    case "hex":
      if (typeof given === "string" && /^(?:[0-9a-fA-F]{2})*$/.test(given)) return given.toLowerCase();
      throw malformed(at, "expected hexadecimal digits");
    case "enum":
    case "uint32":
    case "fixed32":
      if (Number.isInteger(given) && Math.abs(Number(given)) <= UINT_32_MAX) return given;
      throw malformed(at, "expected a whole number");
    case "int64":
    case "sfixed64":
      return whole(given, INT_64, at);
    case "fixed64":
      return whole(given, UINT_64, at);
    case "double":
      return double(given, at);
  }
}

function whole(given: unknown, { min, max }: { min: bigint; max: bigint }, at: string): bigint {
  const written = typeof given === "string" && /^-?\d{1,20}$/.test(given);
  if (!written && !Number.isInteger(given)) throw malformed(at, "expected a whole number");
  const value = BigInt(given as string | number);
  if (value < min || value > max) throw malformed(at, "the number does not fit 64 bits");
  return value;
}

function double(given: unknown, at: string): number {
  if (typeof given === "number") return given;
  const value = typeof given === "string" ? (NUMBERS[given] ?? Number(given || "?")) : Number.NaN;
  if (Number.isNaN(value) && given !== "NaN") throw malformed(at, "expected a number");
  return value;
}

function malformed(at: string, why: string): AppError {
  return new AppError("invalid", `${at.slice(0, 300)}: ${why}.`, { at });
}
