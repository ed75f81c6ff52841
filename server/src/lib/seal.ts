import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";
import { AppError } from "./errors.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a small value (it is held in memory whole) with AES-256-GCM: nonce, ciphertext, tag. `context` says what it is and
 * whose; it is authenticated, not stored, so a sealed value cannot be moved to another place.
 * A key may seal 2³² values before random nonces become a risk. As an object it saves 30 µs at each value.
 */
export function seal(key: Buffer | KeyObject, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws AppError `unavailable` when the key, the context or a byte is not the one it was sealed with */
export function unseal(key: Buffer | KeyObject, sealed: Buffer, context: string): Buffer {
  try {
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch (cause) {
    throw new AppError(
      "unavailable",
      "A sealed value does not open: its key is another one, or it was damaged.",
      { cause },
    );
  }
}
