import { createHash } from "node:crypto";
import { AppError } from "#lib/errors";
import { decodePageToken, encodePageToken } from "#lib/paging";

type Position = readonly (string | number | null)[];

/** A token that continues one question only: a position in another order would skip and repeat things. */
export function makeToken(question: unknown, position: Position): string {
  return encodePageToken([hashOf(question), ...position]);
}

/** What stands at a place of a position: databases compare a whole number with nothing else. */
export type PositionKind = "whole" | "number" | "text";

/** The position in a token of `makeToken`. @throws AppError `invalid` */
export function readToken(
  question: unknown,
  token: string,
  kinds: readonly PositionKind[],
): (string | number | null)[] {
  const [hash, ...position] = decode(token, kinds.length + 1);
  if (hash !== hashOf(question)) {
    throw new AppError(
      "invalid",
      "The page token belongs to another search; start again from the first page.",
      {
        at: "page_token",
      },
    );
  }
  if (!kinds.every((kind, i) => isOf(kind, position[i]))) throw badToken();
  return position;
}

function isOf(kind: PositionKind, part: string | number | null | undefined): boolean {
  if (kind === "text") return typeof part === "string" && !part.includes("\0");
  return kind === "number" ? typeof part === "number" : Number.isSafeInteger(part);
}

function decode(token: string, length: number): (string | number | null)[] {
  try {
    return decodePageToken(token, length);
  } catch (cause) {
    throw badToken(cause);
  }
}

function badToken(cause?: unknown): AppError {
  return new AppError("invalid", "Invalid page token, could not base64-decode", { at: "page_token", cause });
}

function hashOf(question: unknown): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 12);
}
