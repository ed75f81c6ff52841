import { createHash } from "node:crypto";
import { AppError } from "./errors.ts";

/** One page and, when more follows, the opaque token that asks for the next. */
export interface Page<T> {
  items: T[];
  nextToken?: string;
}

/** The last row's sort values. */
export type Position = readonly (string | number | null)[];

/** Packs a keyset position (the last row's sort values) into an opaque token. */
export function encodePageToken(position: Position): string {
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

/** What stands at a place of a position: databases compare a whole number with nothing else. */
export type PositionKind = "whole" | "number" | "text";

/**
 * A token that holds for one question only: filter, order and place, as JSON. Asked with another, it would skip or
 * repeat rows without a word.
 */
export function encodePageTokenFor(question: unknown, position: Position): string {
  return encodePageToken([digestOf(question), ...position]);
}

/** Reads a token made by `encodePageTokenFor` for the same question. @throws AppError `invalid` */
export function decodePageTokenFor(
  question: unknown,
  token: string,
  kinds: readonly PositionKind[],
): (string | number | null)[] {
  const [digest, ...position] = decodePageToken(token, kinds.length + 1);
  if (digest !== digestOf(question)) {
    throw new AppError(
      "invalid",
      "The page token belongs to another question; start again from the first page.",
      { at: "page_token" },
    );
  }
  if (!kinds.every((kind, i) => isOf(kind, position[i]))) throw badToken();
  return position;
}

interface KeysetPages<Row, Item> {
  /** The caller's bound on it stands already. */
  pageSize: number;
  pageToken: string | undefined;
  /** What the token holds for; see `encodePageTokenFor`. */
  question: unknown;
  kinds: readonly PositionKind[];
  /** Rows in order behind a position, at most `limit`. */
  rows(after: Position | undefined, limit: number): Promise<readonly Row[]>;
  show(rows: readonly Row[]): readonly Item[] | Promise<readonly Item[]>;
  position(row: Row): Position;
}

/** One page: asks for one row more than it shows, and that row alone decides whether there is a next. @throws AppError `invalid` */
export async function keysetPage<Row, Item>(of: KeysetPages<Row, Item>): Promise<Page<Item>> {
  const { pageSize, pageToken, question, kinds } = of;
  const after = pageToken === undefined ? undefined : decodePageTokenFor(question, pageToken, kinds);
  const found = await of.rows(after, pageSize + 1);
  const page = found.slice(0, pageSize);
  const last = page.at(-1);
  if (last === undefined) return { items: [] };
  const items = [...(await of.show(page))];
  return found.length > pageSize
    ? { items, nextToken: encodePageTokenFor(question, of.position(last)) }
    : { items };
}

const DIGEST_CHARS = 16; // 96 bits: it guards against mistakes, not against anybody who wants to deceive themselves.

function digestOf(question: unknown): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, DIGEST_CHARS);
}

function isOf(kind: PositionKind, part: string | number | null | undefined): boolean {
  if (kind === "text") return typeof part === "string" && !part.includes("\0");
  return kind === "number" ? typeof part === "number" : Number.isSafeInteger(part);
}

function isKeyPart(part: unknown): boolean {
  return part === null || typeof part === "string" || (typeof part === "number" && Number.isFinite(part));
}

function badToken(cause?: unknown): AppError {
  // Clients know these words.
  const message = "Invalid page token, could not base64-decode";
  return new AppError("invalid", message, { at: "page_token", cause });
}
