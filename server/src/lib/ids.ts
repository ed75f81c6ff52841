import { randomFillSync } from "node:crypto";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford: no i, l, o, u, so an id survives being read aloud.

const IDS = new RegExp(`^[0-7][${BASE32}]{25}$`); // The first of ten characters is a time's upper three bits.

const TIME_CHARACTERS = 10;
const TAIL_CHARACTERS = 16;
const HEX_ID_BYTES = 16;
const POOL_BYTES = 4096; // Of randomness, drawn at once: a draw costs the same for sixteen bytes.

const pool = Buffer.alloc(POOL_BYTES);
const tail = new Uint8Array(TAIL_CHARACTERS); // Of the last id, a character each.
let poolAt = POOL_BYTES;
let lastMs = 0;
let time = "";

/** A new id: 26 characters, sorted by time of creation, unique without coordination (ULID in lower case). */
export function newId(): string {
  const now = Math.max(Date.now(), lastMs);
  if (now === lastMs) countUp();
  else {
    lastMs = now;
    time = timeText(now);
    drawTail(tail);
  }
  return time + tailText(tail);
}

/** The same for what happened at another time than now, and is sorted by that. */
export function newIdAt(atMs: number): string {
  return timeText(atMs) + tailText(drawTail(new Uint8Array(TAIL_CHARACTERS)));
}

/** True for what `newId` might have made, whether it did or not. */
export function isId(text: string): boolean {
  return IDS.test(text);
}

/** A new id in the form many ML clients expect: 32 lower-case hexadecimal characters. */
export function newHexId(): string {
  const at = draw(HEX_ID_BYTES);
  return pool.toString("hex", at, at + HEX_ID_BYTES);
}

/** Where so many random bytes stand in the pool, that nobody else gets. */
function draw(bytes: number): number {
  if (poolAt + bytes > POOL_BYTES) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += bytes;
  return poolAt - bytes;
}

/** Half of what there is, so that counting up has room. */
function drawTail(into: Uint8Array): Uint8Array {
  const at = draw(TAIL_CHARACTERS);
  for (let i = 0; i < TAIL_CHARACTERS; i += 1) into[i] = (pool[at + i] ?? 0) & (i === 0 ? 15 : 31);
  return into;
}

function tailText(of: Uint8Array): string {
  let text = "";
  for (let i = 0; i < TAIL_CHARACTERS; i += 1) text += BASE32[of[i] ?? 0];
  return text;
}

function countUp(): void {
  for (let i = TAIL_CHARACTERS - 1; i >= 0; i -= 1) {
    const next = (tail[i] ?? 0) + 1;
    tail[i] = next & 31;
    if (next < 32) return;
  }
}

function timeText(ms: number): string {
  let text = "";
  for (let rest = ms, i = 0; i < TIME_CHARACTERS; i += 1) {
    text = BASE32[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
