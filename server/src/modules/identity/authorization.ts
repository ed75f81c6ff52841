import { AppError } from "#lib/errors";

/** What an `Authorization` header brings: a token alone, or a name with a token or a password. */
export type Proof = { kind: "bearer"; token: string } | { kind: "basic"; name: string; secret: string };

const HEADER_CHARACTERS_MAX = 4096; // The longest password and address in base64 are a fifth of it.

/** Reads the header. @throws AppError `unauthenticated` for another scheme or a broken value */
export function readAuthorization(header: string): Proof {
  const at = header.indexOf(" ");
  const scheme = header.slice(0, at).toLowerCase();
  const value = header.slice(at + 1).trim();
  if (header.length > HEADER_CHARACTERS_MAX || value === "") throw unreadable();
  if (scheme === "bearer") return { kind: "bearer", token: value };
  if (scheme !== "basic") throw unreadable();
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0 || text.includes("\0")) throw unreadable();
  return { kind: "basic", name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function unreadable(): AppError {
  return new AppError(
    "unauthenticated",
    "The Authorization header cannot be read: send 'Bearer <token>', or Basic with the token as password.",
  );
}
