import { AppError } from "#lib/errors";

const SHOWN_CHARACTERS_MAX = 200; // A message names the wrong value; it does not repeat a body of megabytes.
const SHOWN_ITEMS_MAX = 10; // Of a list, with the same thought.
const SEE_DOCS = " See the API docs for more information about request parameters.";

/** Clients and their users match these two texts, so they are letter for letter those of the reference server. */
export function missing(parameter: string): AppError {
  return new AppError("invalid", `Missing value for required parameter '${parameter}'.${SEE_DOCS}`, {
    at: parameter,
  });
}

/** @see missing. The two spaces before `Hint` are theirs. */
export function wrongType(parameter: string, value: unknown): AppError {
  return invalidValue(parameter, value, `:  Hint: Value was of type '${typeName(value)}'.${SEE_DOCS}`);
}

/** A value of the right type that is not allowed; `why` goes on after the word `supplied`. */
export function invalidValue(parameter: string, value: unknown, why: string): AppError {
  const text = `Invalid value ${shown(value)} for parameter '${parameter}' supplied${why}`;
  return new AppError("invalid", text, { at: parameter });
}

/** The name that Python gives the type of a JSON value, since that is what clients expect to read. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return { string: "str", boolean: "bool" }[typeof value as string] ?? "dict";
}

/** Short, and at most a list deep: a hostile body may be nested deeper than a recursive writer can follow. */
function shown(value: unknown): string {
  if (!Array.isArray(value)) return flat(value);
  const items = value.slice(0, SHOWN_ITEMS_MAX).map(flat);
  return `[${items.join(",")}${value.length > SHOWN_ITEMS_MAX ? ",…" : ""}]`;
}

function flat(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : "[…]";
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0 ? "{}" : "{…}";
  const text = JSON.stringify(value) ?? "null";
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}
