import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/*
 * One sealed object, as docs/decisions/ describes it:
 *   magic 4 | version 1 | algorithm 1 | log2 of the chunk size 1 | 0 | key id 8 | nonce prefix 7 | 0 |
 *   iv 12 | wrapped data key 32 | its tag 16                                            = 84 bytes of header
 *   then chunks, each its ciphertext and a 16-byte tag; all but the last are full.
 * A chunk's nonce is prefix | index u32 | last u8, and its additional data is the header: chunks cannot be
 * reordered, dropped from the end or moved to another object. The data key is bound to project and object id.
 */
const MAGIC = Buffer.from("ATRB");
const VERSION = 1;
const AES_256_GCM = 1;
const CHUNK_LOG2 = 16;
export const CHUNK_BYTES = 1 << CHUNK_LOG2; // 64 KiB: full speed of AES-NI, and cheap ranges.
const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
export const HEADER_BYTES = 84;
const WRAPPED_AT = HEADER_BYTES - 32 - TAG_BYTES;
const IV_AT = WRAPPED_AT - 12;
const KEY_ID_AT = 8;
const PREFIX_AT = 16;

export interface Chunks {
  header: Buffer;
  /** Ciphertext and tag of one chunk. */
  seal(index: number, last: boolean, plain: Buffer): [Buffer, Buffer];
  /** @throws when one bit is not as it was sealed, here or in the header */
  open(index: number, last: boolean, sealed: Buffer): Buffer;
}

export interface ObjectName {
  projectId: string;
  id: string;
}

/** Makes a fresh object's header and data key. */
export function newEnvelope(projectKey: Buffer, name: ObjectName): Chunks {
  const dataKey = randomBytes(32);
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.set([VERSION, AES_256_GCM, CHUNK_LOG2], 4);
  keyIdOf(projectKey).copy(header, KEY_ID_AT);
  randomBytes(7).copy(header, PREFIX_AT);
  randomBytes(12).copy(header, IV_AT);
  const cipher = createCipheriv("aes-256-gcm", wrappingKey(projectKey), header.subarray(IV_AT, WRAPPED_AT));
  cipher.setAAD(bound(header, name));
  const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  wrapped.copy(header, WRAPPED_AT);
  return chunksOf(header, dataKey);
}

/** Reads a header. @throws when it is not ours, is another object's, or one bit of it was changed */
export function openEnvelope(projectKey: Buffer, name: ObjectName, header: Buffer): Chunks {
  const [version, algorithm, chunkLog2] = header.subarray(4);
  if (header.length !== HEADER_BYTES || !header.subarray(0, 4).equals(MAGIC))
    throw new Error("not a sealed object");
  if (version !== VERSION || algorithm !== AES_256_GCM || chunkLog2 !== CHUNK_LOG2) {
    throw new Error("sealed in a way this version does not know");
  }
  if (!header.subarray(KEY_ID_AT, PREFIX_AT).equals(keyIdOf(projectKey)))
    throw new Error("sealed with another key");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    wrappingKey(projectKey),
    header.subarray(IV_AT, WRAPPED_AT),
    {
      authTagLength: TAG_BYTES,
    },
  );
  decipher.setAAD(bound(header, name)).setAuthTag(header.subarray(HEADER_BYTES - TAG_BYTES));
  const wrapped = header.subarray(WRAPPED_AT, HEADER_BYTES - TAG_BYTES);
  return chunksOf(header, Buffer.concat([decipher.update(wrapped), decipher.final()]));
}

/** Plain size and number of chunks of an object by its size on disk; undefined when no object has that size. */
export function sizesOf(storedBytes: number): { plainBytes: number; chunks: number } | undefined {
  const body = storedBytes - HEADER_BYTES;
  const chunks = Math.ceil(body / SEALED_CHUNK_BYTES);
  const lastBytes = body - (chunks - 1) * SEALED_CHUNK_BYTES;
  if (chunks < 1 || lastBytes < TAG_BYTES) return undefined;
  return { plainBytes: body - chunks * TAG_BYTES, chunks };
}

function chunksOf(header: Buffer, dataKey: Buffer): Chunks {
  const nonce = (index: number, last: boolean): Buffer => {
    const bytes = Buffer.alloc(12);
    header.copy(bytes, 0, PREFIX_AT, PREFIX_AT + 7);
    bytes.writeUInt32BE(index, 7);
    bytes[11] = last ? 1 : 0;
    return bytes;
  };
  return {
    header,
    seal: (index, last, plain) => {
      const cipher = createCipheriv("aes-256-gcm", dataKey, nonce(index, last)).setAAD(header);
      const sealed = cipher.update(plain);
      cipher.final();
      return [sealed, cipher.getAuthTag()];
    },
    open: (index, last, sealed) => {
      const tagAt = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", dataKey, nonce(index, last), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(header).setAuthTag(sealed.subarray(tagAt));
      const plain = decipher.update(sealed.subarray(0, tagAt));
      decipher.final();
      return plain;
    },
  };
}

function bound(header: Buffer, name: ObjectName): Buffer {
  return Buffer.concat([header.subarray(0, WRAPPED_AT), Buffer.from(`${name.projectId}\0${name.id}`)]);
}

/** The project key serves several stores; this one is for blobs alone. */
function wrappingKey(projectKey: Buffer): Buffer {
  return createHmac("sha256", projectKey).update("atrium blobs 1").digest();
}

function keyIdOf(projectKey: Buffer): Buffer {
  return createHmac("sha256", projectKey).update("atrium key id").digest().subarray(0, 8);
}
