import { createHash } from "node:crypto";
import { AppError } from "./errors.ts";

/** One page and, when more follows, the opaque token that asks for the next. */
export interface Page<T> {
  items: T[];
  nextToken?: string;
}

/** Packs a keyset position (the last row's sort values) into an opaque token. */
export function encodePageToken(position: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** Reads a token made by `encodePageToken`. @throws AppError `invalid` */
export function decodePageToken(token: string, length: number): (string | number | null)[] {
  let position: unknown;
  try {
    position = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch (cause) {
    throw badToken(cause);
  }
  const fits = Array.isArray(position) && position.length === length && position.every(isKeyPart);
  if (!fits) throw badToken();
  return position as (string | number | null)[];
}

/**
 * A token that holds for one question only: filter, order and place, as JSON. Asked with another, it would skip or
 * repeat rows without a word.
 */
export function encodePageTokenFor(question: unknown, position: readonly (string | number | null)[]): string {
  return encodePageToken([digestOf(question), ...position]);
}

/** Reads a token made by `encodePageTokenFor` for the same question. @throws AppError `invalid` */
export function decodePageTokenFor(
  question: unknown,
  token: string,
  length: number,
): (string | number | null)[] {
  const [digest, ...position] = decodePageToken(token, length + 1);
  if (digest === digestOf(question)) return position;
  throw new AppError(
    "invalid",
    "The page token belongs to another question; start again from the first page.",
    {
      at: "page_token",
    },
  );
}

const DIGEST_CHARS = 16; // 96 bits: it guards against mistakes, not against anybody who wants to deceive themselves.

function digestOf(question: unknown): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, DIGEST_CHARS);
}

function isKeyPart(part: unknown): boolean {
  return part === null || typeof part === "string" || (typeof part === "number" && Number.isFinite(part));
}

function badToken(cause?: unknown): AppError {
  // Clients know the beginning of this message.
  const message =
    "Invalid page token, could not base64-decode what it holds; start again from the first page.";
  return new AppError("invalid", message, { at: "page_token", cause });
}
