import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { isId } from "#lib/ids";

const TAG_CHARACTERS = 16; // 80 bits: enough against guessing, short enough for a log line.
const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";
const ROWS_MAX = 10_000;
const FORM = /^([0-9a-z]{26})-([0-9a-z]{16})(?:-(\d{1,5})\.(\d{1,5}))?$/;

/**
 * Names predictions so that feedback needs no look into the log: an id carries its time, its number among the rows of one
 * request, and a proof that this endpoint gave it.
 */
export function predictionIds(key: Buffer, call: { endpointId: string; id: string; rows: number }): string[] {
  const stem = `${call.id}-${tagOf(key, call)}`;
  if (call.rows === 1) return [stem];
  return Array.from({ length: call.rows }, (_, row) => `${stem}-${call.rows}.${row}`);
}

/** When the prediction was made; undefined for an id that this endpoint never gave. */
export function readPredictionId(key: Buffer, endpointId: string, text: string): number | undefined {
  const [, id = "", tag = "", rowsText = "1", rowText = "0"] = FORM.exec(text) ?? [];
  const rows = Number(rowsText);
  const inside = rows >= 1 && rows <= ROWS_MAX && Number(rowText) < rows;
  if (!isId(id) || !inside || (rows === 1) !== !text.includes(".")) return undefined;
  const own = tagOf(key, { endpointId, id, rows });
  return timingSafeEqual(Buffer.from(own), Buffer.from(tag)) ? timeOf(id) : undefined;
}

/** The key for ids of one project: the project's own serves several purposes. */
export function idKeyOf(projectKey: Buffer): Buffer {
  return createHmac("sha256", projectKey).update("atrium prediction ids 1").digest();
}

function tagOf(
  key: Buffer,
  { endpointId, id, rows }: { endpointId: string; id: string; rows: number },
): string {
  const digest = keyedHash(key, `${endpointId}\0${id}\0${rows}`);
  let text = "";
  for (let i = 0; i < TAG_CHARACTERS; i += 1) text += BASE32[(digest[i] ?? 0) & 31];
  return text;
}

const BLOCK_BYTES = 64; // Of SHA-256.
const pads = new WeakMap<Buffer, { inner: Buffer; outer: Buffer }>();

/**
 * HMAC-SHA-256 (RFC 2104) by two one-shot hashes over pads that are kept: each request has an id, and making a key object
 * for it costs ten times what the hashes do. The key has at most a block.
 */
function keyedHash(key: Buffer, text: string): Buffer {
  let own = pads.get(key);
  if (own === undefined) {
    const padded = Buffer.alloc(BLOCK_BYTES);
    key.copy(padded);
    own = {
      inner: padded.map((byte) => byte ^ 0x36) as Buffer,
      outer: padded.map((byte) => byte ^ 0x5c) as Buffer,
    };
    pads.set(key, own);
  }
  const within = hash("sha256", Buffer.concat([own.inner, Buffer.from(text)]), "buffer");
  return hash("sha256", Buffer.concat([own.outer, within]), "buffer");
}

/** The first ten characters of an id are its milliseconds. */
function timeOf(id: string): number {
  let ms = 0;
  for (const character of id.slice(0, 10)) ms = ms * 32 + BASE32.indexOf(character);
  return ms;
}
