import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import { type Decoded, decode, type Message, type Shape } from "./decode.ts";

/**
 * What a request says: a GET in its query, everything else in its JSON body, and both in the address.
 * @throws AppError `invalid`
 */
export function readRequest<S extends Shape>(request: FastifyRequest, message: Message<S>): Decoded<S> {
  const given = request.method === "GET" ? fromQuery(request.query, message) : fromBody(request.body);
  return decode(message, Object.assign(given, request.params));
}

/** Parses a body's text. @throws AppError `invalid` */
export function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", "The request's body is not JSON.", { at: "body", cause });
  }
}

function fromBody(body: unknown): Record<string, unknown> {
  // Old clients encode twice: the body is then a string that holds the JSON.
  const value = typeof body === "string" ? parseJson(body) : body;
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new AppError("invalid", "The request's body must be a JSON object.", { at: "body" });
}

/** Query parameters are text, and a list of one looks like no list: the message says what each of them is. */
function fromQuery<S extends Shape>(query: unknown, { fields }: Message<S>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const { name, kind, alias } of fields) {
    const parameters = query as Record<string, string | string[] | undefined>;
    const found = parameters[name] ?? (alias === undefined ? undefined : parameters[alias]);
    if (found === undefined) continue;
    const values = [found].flat();
    given[name] = kind === "list" ? values : kind === "flag" ? flagOf(values[0]) : values[0];
  }
  return given;
}

function flagOf(text: string | undefined): boolean {
  const lower = text?.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  throw new AppError("invalid", `Invalid boolean value: ${text?.slice(0, 100)}, must be 'true' or 'false'.`);
}
