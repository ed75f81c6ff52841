import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import type { Clock } from "#lib/clock";
import { newId } from "#lib/ids";
import type { Database } from "#ports/database";
import type { Secrets } from "#ports/secrets";
import { rawPublicKey, type Signer } from "./note.ts";
import * as queries from "./queries.ts";

const PURPOSE = "audit-signing-key";
const SEED_BYTES = 32;
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex"); // ASN.1 frame of a raw Ed25519 seed.

interface Deps {
  db: Database;
  clock: Clock;
  secrets: Secrets;
}

/**
 * The key that signs checkpoints, made at first use. Its seed is wrapped by the secrets port, so whoever holds only the
 * database cannot sign; its random name is the origin of this instance's log.
 */
export async function openSigner(deps: Deps): Promise<Signer> {
  const newest = (await queries.keys(deps.db.reader)).at(-1);
  if (newest === undefined) return makeSigner(deps);
  const seed = await deps.secrets.unwrap(newest.wrapped_private_key, PURPOSE);
  return { name: newest.name, publicKey: newest.public_key, privateKey: privateKeyOf(seed) };
}

/** Wraps the signing keys again under the newest key-encryption key. */
export async function rewrapSigningKeys(db: Database, secrets: Secrets): Promise<void> {
  for (const { name, wrapped_private_key: wrapped } of await queries.keys(db.reader)) {
    if (wrapped.startsWith(`${secrets.keyId}.`)) continue;
    const again = await secrets.wrap(await secrets.unwrap(wrapped, PURPOSE), PURPOSE);
    await db.transaction((tx) => queries.replaceKey(tx, name, again));
  }
}

async function makeSigner({ db, clock, secrets }: Deps): Promise<Signer> {
  const pair = generateKeyPairSync("ed25519");
  const seed = pair.privateKey.export({ format: "der", type: "pkcs8" }).subarray(-SEED_BYTES);
  const signer = {
    name: `atrium/audit/${newId()}`,
    publicKey: rawPublicKey(pair.publicKey),
    privateKey: pair.privateKey,
  };
  const wrapped = await secrets.wrap(Buffer.from(seed), PURPOSE);
  const made = await db.transaction(async (tx) => {
    await tx.serialize("audit");
    if ((await queries.keys(tx)).length > 0) return false;
    await queries.addKey(tx, {
      name: signer.name,
      public_key: signer.publicKey,
      wrapped_private_key: wrapped,
      created_ms: clock.now(),
    });
    return true;
  });
  return made ? signer : openSigner({ db, clock, secrets });
}

function privateKeyOf(seed: Buffer) {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}
