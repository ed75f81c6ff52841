import { randomBytes } from "node:crypto";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford: no i, l, o, u, so an id survives being read aloud.

const IDS = new RegExp(`^[0-7][${BASE32}]{25}$`); // The first of ten characters is a time's upper three bits.

let lastMs = 0;
let lastTail = 0n;

/** A new id: 26 characters, sorted by time of creation, unique without coordination (ULID in lower case). */
export function newId(): string {
  const now = Math.max(Date.now(), lastMs);
  const tail = now === lastMs ? lastTail + 1n : newTail();
  lastMs = now;
  lastTail = tail;
  return encode(BigInt(now), 10) + encode(tail, 16);
}

/** The same for what happened at another time than now, and is sorted by that. */
export function newIdAt(atMs: number): string {
  return encode(BigInt(atMs), 10) + encode(newTail(), 16);
}

/** True for what `newId` might have made, whether it did or not. */
export function isId(text: string): boolean {
  return IDS.test(text);
}

/** A new id in the form many ML clients expect: 32 lower-case hexadecimal characters. */
export function newHexId(): string {
  return randomBytes(16).toString("hex");
}

function newTail(): bigint {
  return BigInt(`0x${randomBytes(10).toString("hex")}`) >> 1n;
}

function encode(value: bigint, length: number): string {
  let text = "";
  let rest = value;
  for (let i = 0; i < length; i += 1) {
    text = BASE32[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}
