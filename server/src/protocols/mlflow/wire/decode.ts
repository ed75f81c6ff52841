import { AppError } from "#lib/errors";
import { invalidValue, missing, wrongType } from "./refusals.ts";

/**
 * Reads requests by the JSON rules of protocol buffers, as far as these services use them: 64-bit integers as numbers
 * or text, doubles also as `"NaN"` and `"Infinity"`, enumerations by name or number, null as absent, fields also in
 * camelCase, unknown fields passed over. What is present and wrong is refused, never passed over.
 * @remarks Wire format: https://protobuf.dev/programming-guides/json/ and mlflow/protos/*.proto.
 */
export interface Field<T> {
  kind: "text" | "whole" | "real" | "flag" | "choice" | "list" | "message";
  required: boolean;
  /** An older name of the same field. */
  alias?: string | undefined;
  read(value: unknown, name: string, at: Place): T;
}

export type Shape = Record<string, Field<unknown>>;
/** What a decoded message is; optional fields may be absent. */
export type Decoded<S extends Shape> = { [Name in keyof S]: S[Name] extends Field<infer T> ? T : never };

export interface Message<S extends Shape> {
  fields: readonly (Field<unknown> & { name: string; camel: string | undefined })[];
  /** Never there: carries the shape for the compiler. */
  shape?: S;
}

/** What one request of this message says. */
export type Given<M> = M extends Message<infer S> ? Decoded<S> : never;

/** Where a field stands, written out only when something is wrong there. */
interface Place {
  of: string;
  index: number;
}

const TOP: Place = { of: "", index: -1 };
const WHOLE = /^-?\d{1,19}$/;
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NOT_FINITE: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

export function message<S extends Shape>(shape: S): Message<S> {
  const fields = Object.entries(shape).map(([name, field]) => {
    const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return { ...field, name, camel: camel === name ? undefined : camel };
  });
  return { fields };
}

/** Checks and converts in place: the input is a body that was parsed for this call alone, and copies cost time. */
export function decode<S extends Shape>(
  { fields }: Message<S>,
  given: Record<string, unknown>,
  at: Place = TOP,
): Decoded<S> {
  for (const field of fields) {
    let value = given[field.name] ?? undefined;
    if (field.camel !== undefined && given[field.camel] !== undefined) {
      if (value !== undefined) throw spelledTwice(field.name, field.camel);
      value = given[field.camel] ?? undefined;
    }
    if (value === undefined && field.alias !== undefined) value = given[field.alias] ?? undefined;
    if (value === undefined || (value === "" && field.required)) {
      if (field.required) throw missing(nameAt(at, field.name));
      if (given[field.name] === null) given[field.name] = undefined;
      continue;
    }
    const read = field.read(value, field.name, at);
    if (read !== given[field.name]) given[field.name] = read;
  }
  return given as Decoded<S>;
}

export function required<T>(field: Field<T | undefined>, alias?: string): Field<T> {
  return { ...(field as Field<T>), required: true, alias };
}

/** Text that every engine behind us can keep. */
export const text: Field<string | undefined> = {
  kind: "text",
  required: false,
  read(value, name, at) {
    if (typeof value !== "string") throw wrongType(nameAt(at, name), value);
    if (value.isWellFormed() && !value.includes("\0")) return value;
    throw invalidValue(nameAt(at, name), "", ". It must be Unicode text without NUL.");
  },
};

/** An integer. JSON numbers carry 53 bits exactly; what is larger would change silently and is refused. */
export const whole: Field<number | undefined> = {
  kind: "whole",
  required: false,
  read(value, name, at) {
    const number = typeof value === "string" && WHOLE.test(value) ? Number(value) : value;
    if (Number.isSafeInteger(number)) return number as number;
    if (typeof number !== "number" || !Number.isInteger(number)) throw wrongType(nameAt(at, name), value);
    throw invalidValue(nameAt(at, name), value, ". It must lie between -2^53 and 2^53.");
  },
};

export const real: Field<number | undefined> = {
  kind: "real",
  required: false,
  read(value, name, at) {
    if (typeof value === "number") return value;
    if (typeof value === "boolean") return Number(value);
    if (typeof value === "string") {
      const special = NOT_FINITE[value];
      if (special !== undefined) return special;
      if (REAL.test(value)) return Number(value);
    }
    throw wrongType(nameAt(at, name), value);
  },
};

export const flag: Field<boolean | undefined> = {
  kind: "flag",
  required: false,
  read(value, name, at) {
    if (typeof value === "boolean") return value;
    throw wrongType(nameAt(at, name), value);
  },
};

/** One of the names; their numbers are accepted too. */
export function choice<const Name extends string>(numbers: Record<Name, number>): Field<Name | undefined> {
  const names = new Map<unknown, Name>();
  for (const [name, number] of Object.entries(numbers) as [Name, number][]) {
    names.set(name, name);
    names.set(number, name);
    names.set(String(number), name);
  }
  return {
    kind: "choice",
    required: false,
    read(value, name, at) {
      const known = names.get(value);
      if (known !== undefined) return known;
      throw invalidValue(nameAt(at, name), value, `. It must be one of ${Object.keys(numbers).join(", ")}.`);
    },
  };
}

export function nested<S extends Shape>(inner: Message<S>): Field<Decoded<S> | undefined> {
  return {
    kind: "message",
    required: false,
    read(value, name, at) {
      const path = nameAt(at, name);
      return decode(inner, objectAt(value, path), { of: path, index: -1 });
    },
  };
}

/** A list of plain values, or of messages. */
export function list<T>(item: Field<T | undefined>): Field<T[] | undefined>;
export function list<S extends Shape>(item: Message<S>): Field<Decoded<S>[] | undefined>;
export function list(item: Field<unknown> | Message<Shape>): Field<unknown[] | undefined> {
  return {
    kind: "list",
    required: false,
    read(value, name, at) {
      const path = nameAt(at, name);
      if (!Array.isArray(value)) throw wrongType(path, value);
      const place = { of: path, index: 0 };
      for (const [index, each] of value.entries()) {
        place.index = index;
        if ("fields" in item) decode(item, objectAt(each, path, index), place);
        else value[index] = item.read(each, "", place);
      }
      return value;
    },
  };
}

function objectAt(value: unknown, path: string, index?: number): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw wrongType(index === undefined ? path : `${path}[${index}]`, value);
}

function nameAt({ of, index }: Place, name: string): string {
  const place = index < 0 ? of : `${of}[${index}]`;
  if (place === "" || name === "") return place + name;
  return `${place}.${name}`;
}

function spelledTwice(name: string, camel: string): AppError {
  return new AppError("invalid", `The request has both '${name}' and '${camel}'; send only one of them.`, {
    at: name,
  });
}
