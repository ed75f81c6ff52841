import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/**
 * Signed checkpoints of the audit tree.
 * @remarks Text form: C2SP tlog-checkpoint and signed-note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note).
 */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

/** What signs: the key's name is also the origin of the log. `publicKey` is the raw 32 bytes. */
export interface Signer {
  name: string;
  publicKey: Buffer;
  privateKey: KeyObject;
}

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex"); // ASN.1 frame of a raw Ed25519 public key.
const DASH = "\u2014";

export function signCheckpoint(size: number, root: Buffer, signer: Signer): string {
  const body = `${signer.name}\n${size}\n${root.toString("base64")}\n`;
  const signature = sign(null, Buffer.from(body), signer.privateKey);
  const signed = Buffer.concat([keyId(signer.name, signer.publicKey), signature]).toString("base64");
  return `${body}\n${DASH} ${signer.name} ${signed}\n`;
}

/** Reads a note without believing it. @returns undefined when the text is no checkpoint */
export function parseCheckpoint(note: string): Checkpoint | undefined {
  const [origin, size, root] = note.split("\n");
  if (!origin || !size || !root || !/^(0|[1-9][0-9]{0,15})$/.test(size)) return undefined;
  const bytes = Buffer.from(root, "base64");
  if (bytes.length !== 32 || bytes.toString("base64") !== root) return undefined;
  return { origin, size: Number(size), root: bytes };
}

/** True when the key signed exactly this note. Lines of other keys (witnesses, old keys) are passed over. */
export function isSignedBy(note: string, name: string, publicKey: Buffer): boolean {
  const end = note.indexOf("\n\n");
  if (end < 0) return false;
  const body = Buffer.from(note.slice(0, end + 1));
  const wanted = keyId(name, publicKey);
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: "der", type: "spki" });
  return note
    .slice(end + 2)
    .split("\n")
    .some((line) => {
      const [dash, signerName, encoded] = line.split(" ");
      if (dash !== DASH || signerName !== name || encoded === undefined) return false;
      const bytes = Buffer.from(encoded, "base64");
      return (
        bytes.subarray(0, KEY_ID_BYTES).equals(wanted) &&
        verify(null, body, key, bytes.subarray(KEY_ID_BYTES))
      );
    });
}

/** The key as others pin it: `name+hex(key id)+base64(0x01 ‖ key)`. */
export function verifierKey(name: string, publicKey: Buffer): string {
  const encoded = Buffer.concat([Buffer.from([ED25519]), publicKey]).toString("base64");
  return `${name}+${keyId(name, publicKey).toString("hex")}+${encoded}`;
}

/** An offline proof that a record is in the log (c2sp.org/tlog-proof). */
export function proofText(index: number, path: readonly Buffer[], note: string): string {
  const hashes = path.map((hash) => `${hash.toString("base64")}\n`).join("");
  return `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes}\n${note}`;
}

/** The raw 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length);
}

function keyId(name: string, publicKey: Buffer): Buffer {
  const hash = createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(publicKey);
  return hash.digest().subarray(0, KEY_ID_BYTES);
}
