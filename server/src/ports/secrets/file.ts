import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { AppError } from "#lib/errors";
import { type KeyVersion, parseKeys, readKeyFile } from "./key-file.ts";
import type { Secrets } from "./secrets.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps the key-encryption key from a file or from given text. The newest version wraps, every version unwraps. */
export function openFileSecrets(source: { keyFile: string } | { keyText: string }): Secrets {
  const keys = "keyFile" in source ? readKeyFile(source.keyFile) : parseKeys(source.keyText, "ATRIUM_KEY");
  const newest = keys[0] as KeyVersion;
  const byId = new Map(keys.map((key) => [key.id, key]));

  return {
    keyId: newest.id,
    wrap: async (key, purpose) => `${newest.id}.${seal(newest.key, key, context(newest.id, purpose))}`,
    unwrap: async (wrapped, purpose) => {
      const [id = "", sealed = ""] = wrapped.split(".", 2);
      const held = byId.get(id);
      if (held === undefined) throw wrongKey(id, keys);
      try {
        return open(held.key, sealed, context(id, purpose));
      } catch (cause) {
        throw new AppError("unavailable", `A data key (${purpose}) is damaged: key ${id} does not open it.`, {
          cause,
        });
      }
    },
  };
}

/** The key id is authenticated with the purpose, so that neither can be exchanged beside what it seals. */
function context(keyId: string, purpose: string): Buffer {
  return Buffer.from(`atrium wrap 1\0${keyId}\0${purpose}`);
}

function wrongKey(expected: string, held: readonly KeyVersion[]): AppError {
  const given = held.map((key) => key.id).join(", ");
  return new AppError(
    "unavailable",
    `The data is sealed with key ${expected}, but the key given is ${given}; start with the right key. Nothing was changed.`,
    { reason: "wrong_key" },
  );
}

function seal(key: Buffer, plain: Buffer, aad: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(aad);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

function open(key: Buffer, sealed: string, aad: Buffer): Buffer {
  const bytes = Buffer.from(sealed, "base64url");
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(aad).setAuthTag(bytes.subarray(tagAt));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, tagAt)), decipher.final()]);
}
