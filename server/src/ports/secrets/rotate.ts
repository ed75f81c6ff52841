import { openFileSecrets } from "./file.ts";
import { addKeyVersion } from "./key-file.ts";
import { type KeySource, keyFileOf, keyringPath, readKeyring, writeKeyring } from "./keyring.ts";
import type { Secrets } from "./secrets.ts";

export interface Rotation {
  dataDirectory: string;
  source: KeySource;
  /**
   * Wraps the data keys kept elsewhere (the projects', in the database) again, in small steps. It may be called again
   * after a crash, so it skips what `secrets.keyId` wraps already.
   */
  rewrapOthers(secrets: Secrets): Promise<void>;
}

/**
 * Moves every data key under a new version of the key-encryption key. No data is touched. Killed at any point, all
 * versions still open everything, and the next call finishes what was begun instead of adding one more version.
 * With a key given as text the caller adds the line `v2 <key>` first; then this wraps again under it.
 * Answers with the id of the key that wraps now.
 */
export async function rotateKeys(rotation: Rotation): Promise<string> {
  const path = keyringPath(rotation.dataDirectory);
  const before = readKeyring(path);
  const keyFile = keyFileOf(rotation.source, before.instanceId);
  const open = (): Secrets =>
    keyFile === undefined
      ? openFileSecrets({ keyText: rotation.source.kind === "text" ? rotation.source.text : "" })
      : openFileSecrets({ keyFile });

  let secrets = open();
  for (const [purpose, wrapped] of Object.entries(before.keys)) await secrets.unwrap(wrapped, purpose);
  const finished = secrets.keyId === before.keyId;
  if (finished && keyFile !== undefined) {
    addKeyVersion(keyFile);
    secrets = open();
  }
  const keys: Record<string, string> = {};
  for (const [purpose, wrapped] of Object.entries(before.keys)) {
    keys[purpose] = await secrets.wrap(await secrets.unwrap(wrapped, purpose), purpose);
  }
  writeKeyring(path, { ...before, keys });
  await rotation.rewrapOthers(secrets);
  // Written last: until here the key ring names the old key, which is how an unfinished rotation is known.
  writeKeyring(path, { ...before, keys, keyId: secrets.keyId });
  return secrets.keyId;
}
