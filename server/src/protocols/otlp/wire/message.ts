/** How one field of a message is written, in protobuf and in JSON alike. */
export type ScalarKind =
  | "string"
  | "bool"
  | "bytes"
  /** Bytes that JSON writes as hexadecimal: ids of traces and spans. Both come out as lower-case hexadecimal. */
  | "hex"
  | "enum"
  | "uint32"
  | "fixed32"
  | "int64"
  | "fixed64"
  | "sfixed64"
  | "double";

export interface Field<T> {
  number: number;
  /** What stands there: a scalar, or the message by name, as messages may hold themselves. */
  kind: ScalarKind | (() => Message<unknown>);
  count: "one" | "many" | "many, later";
  /** Never there: it carries the type of the decoded value. */
  decoded?: T;
}

/** A message by its fields' lower-camel-case names. What is absent comes out as undefined, or as an empty list. */
export interface Message<T> {
  fields: { [K in keyof T]-?: Field<T[K]> };
}

/** Decodes one element when it is asked for, so that a large body is decoded a little at a time. */
export type Later<T> = () => T;

interface Decodings {
  string: string;
  bool: boolean;
  bytes: Buffer;
  hex: string;
  enum: number;
  uint32: number;
  fixed32: number;
  int64: bigint;
  fixed64: bigint;
  sfixed64: bigint;
  double: number;
}

export function one<K extends ScalarKind>(number: number, kind: K): Field<Decodings[K] | undefined> {
  return { number, kind, count: "one" };
}

export function many<K extends ScalarKind>(number: number, kind: K): Field<Decodings[K][]> {
  return { number, kind, count: "many" };
}

export function oneMessage<T>(number: number, of: () => Message<T>): Field<T | undefined> {
  return { number, kind: of, count: "one" };
}

export function manyMessages<T>(number: number, of: () => Message<T>): Field<T[]> {
  return { number, kind: of, count: "many" };
}

export function messagesLater<T>(number: number, of: () => Message<T>): Field<Later<T>[]> {
  return { number, kind: of, count: "many, later" };
}

export function message<T>(fields: Message<T>["fields"]): Message<T> {
  return { fields };
}

/** Values by field before they have their type: single ones absent, lists empty. */
export function emptyOf(of: Message<unknown>): Record<string, unknown> {
  const fields: [string, Field<unknown>][] = Object.entries(of.fields);
  return Object.fromEntries(fields.filter(([, { count }]) => count !== "one").map(([name]) => [name, []]));
}

export const DEPTH_MAX = 32; // Of messages in messages; the deepest that is not a value in a value has nine.
