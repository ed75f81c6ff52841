import { createHash } from "node:crypto";
import { AppError } from "#lib/errors";
import { decodePageToken, encodePageToken } from "#lib/paging";

type Position = readonly (string | number | null)[];

/** A token that continues one question only: a position in another order would skip and repeat things. */
export function makeToken(question: unknown, position: Position): string {
  return encodePageToken([hashOf(question), ...position]);
}

/** The position in a token of `makeToken`. @throws AppError `invalid` */
export function readToken(question: unknown, token: string, length: number): (string | number | null)[] {
  const [hash, ...position] = decode(token, length + 1);
  if (hash === hashOf(question)) return position;
  throw new AppError(
    "invalid",
    "The page token belongs to another search; start again from the first page.",
    {
      at: "page_token",
    },
  );
}

function decode(token: string, length: number): (string | number | null)[] {
  try {
    return decodePageToken(token, length);
  } catch (cause) {
    throw new AppError("invalid", "Invalid page token, could not base64-decode", { at: "page_token", cause });
  }
}

function hashOf(question: unknown): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 12);
}
