import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_BYTES = 32; // 256 bits: nobody guesses one, so a plain hash keeps it as well as a slow one would.
const SECRET_CHARACTERS = 43; // 62^43 > 2^256
const CHECKSUM_CHARACTERS = 6; // 62^6 > 2^32
const SHOWN_CHARACTERS = 8; // Enough to tell one's tokens apart; 200 secret bits remain.

export const TOKEN_PREFIX = "atrium_";
const TOKEN = new RegExp(
  `^${TOKEN_PREFIX}([0-9A-Za-z]{${SECRET_CHARACTERS}})_([0-9A-Za-z]{${CHECKSUM_CHARACTERS}})$`,
);

/** A fresh opaque secret for cookies and links: 256 random bits as 43 letters and digits. */
export function newSecret(): string {
  return base62(BigInt(`0x${randomBytes(SECRET_BYTES).toString("hex")}`), SECRET_CHARACTERS);
}

/** A fresh token. Its prefix lets scanners find a leaked one; its checksum lets us refuse a mistyped one unasked. */
export function newTokenSecret(): string {
  const body = TOKEN_PREFIX + newSecret();
  return `${body}_${checksum(body)}`;
}

/** True when the text has a token's form and its checksum is right. */
export function isToken(text: string): boolean {
  const end = text.length - CHECKSUM_CHARACTERS;
  return TOKEN.test(text) && text.slice(end) === checksum(text.slice(0, end - 1));
}

/** How a secret is kept and found again. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "base64url");
}

/** The beginning of a token, by which people recognise it. */
export function shownPrefix(token: string): string {
  return token.slice(0, TOKEN_PREFIX.length + SHOWN_CHARACTERS);
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_CHARACTERS);
}

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = BASE62[Number(rest % 62n)] + text;
  return text;
}
