import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFileSecrets } from "./file.ts";
import { addKeyVersion, createKeyFile, parseKeys, readKeyFile } from "./key-file.ts";
import { type KeySource, keyFileOf, openKeys } from "./keyring.ts";
import { rotateKeys } from "./rotate.ts";
import type { Secrets } from "./secrets.ts";

let root: string;
let data: string;
let source: KeySource;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "atrium-keys-"));
  data = join(root, "data");
  source = { kind: "default", directory: join(root, "keys") };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function picture(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    hash.update(name);
    if (!readdirSync(folder).includes(name) || name.includes("."))
      hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}

test("keys made at the first start open at the next one", async () => {
  const first = await openKeys(data, source);
  const telemetry = await first.keyring.key("telemetry");
  const second = await openKeys(data, source);
  expect(second.keyring.instanceId).toBe(first.keyring.instanceId);
  expect(await second.keyring.key("telemetry")).toEqual(telemetry);
  expect(await second.keyring.key("database")).toEqual(await first.keyring.key("database"));
  expect(readFileSync(join(data, "keyring.json"), "utf8")).not.toContain(telemetry.toString("base64url"));
});

test("a wrong key refuses to open, names the key it needs, and changes nothing", async () => {
  const { secrets } = await openKeys(data, source);
  const before = picture(data);
  const other: KeySource = { kind: "text", text: "ab".repeat(32) };
  await expect(openKeys(data, other)).rejects.toThrow(secrets.keyId);
  expect(picture(data)).toBe(before);
});

test("a missing key file refuses to open, names the file, and changes nothing", async () => {
  const { keyring, secrets } = await openKeys(data, source);
  const keyFile = keyFileOf(source, keyring.instanceId) ?? "";
  const before = picture(data);
  rmSync(keyFile);
  await expect(openKeys(data, source)).rejects.toThrow(keyFile);
  await expect(openKeys(data, source)).rejects.toThrow(secrets.keyId);
  expect(picture(data)).toBe(before);
  expect(readdirSync(join(root, "keys"))).toEqual([]);
});

test("a data folder that lost its key ring is refused instead of being given new keys", async () => {
  await openKeys(data, source);
  writeFileSync(join(data, "atrium.db"), "sealed");
  rmSync(join(data, "keyring.json"));
  const before = picture(data);
  await expect(openKeys(data, source)).rejects.toThrow("keyring.json");
  expect(picture(data)).toBe(before);
});

test("a key file that others may read is refused", () => {
  const path = join(root, "key");
  createKeyFile(path);
  chmodSync(path, 0o640);
  expect(() => readKeyFile(path)).toThrow("chmod 600");
});

test("a key file is never replaced", () => {
  const path = join(root, "key");
  createKeyFile(path);
  expect(() => createKeyFile(path)).toThrow("already");
});

test("a wrapped key opens only for its own purpose", async () => {
  const secrets = openFileSecrets({ keyText: "cd".repeat(32) });
  const wrapped = await secrets.wrap(Buffer.alloc(32, 7), "project:a");
  expect(await secrets.unwrap(wrapped, "project:a")).toEqual(Buffer.alloc(32, 7));
  await expect(secrets.unwrap(wrapped, "project:b")).rejects.toThrow("project:b");
});

test("key text is refused when it is short, empty, or names one version twice", () => {
  expect(() => parseKeys("v1 abcd", "It")).toThrow("32 bytes");
  expect(() => parseKeys("# only a remark", "It")).toThrow("no key");
  expect(() => parseKeys(`v1 ${"ab".repeat(32)}\nv1 ${"cd".repeat(32)}`, "It")).toThrow("two keys");
});

test("the newest version wraps and every version unwraps", async () => {
  const path = join(root, "key");
  createKeyFile(path);
  const old = openFileSecrets({ keyFile: path });
  const wrapped = await old.wrap(Buffer.alloc(32, 1), "database");
  addKeyVersion(path);
  const both = openFileSecrets({ keyFile: path });
  expect(both.keyId).toMatch(/^v2-/);
  expect(await both.unwrap(wrapped, "database")).toEqual(Buffer.alloc(32, 1));
});

/** The projects' wrapped keys, as the database keeps them. */
async function projectsWith(count: number): Promise<{ rows: Map<string, string>; rewrap: Rewrap }> {
  const { secrets } = await openKeys(data, source);
  const rows = new Map<string, string>();
  for (let i = 0; i < count; i += 1)
    rows.set(`project:${i}`, await secrets.wrap(Buffer.alloc(32, i), `project:${i}`));
  return {
    rows,
    rewrap: async (now, stepsMax = Number.POSITIVE_INFINITY) => {
      let steps = 0;
      for (const [purpose, wrapped] of rows) {
        if (wrapped.startsWith(`${now.keyId}.`)) continue;
        if (steps === stepsMax) throw new Error("killed");
        rows.set(purpose, await now.wrap(await now.unwrap(wrapped, purpose), purpose));
        steps += 1;
      }
    },
  };
}
type Rewrap = (secrets: Secrets, stepsMax?: number) => Promise<void>;

test("rotation puts every data key under the new version and changes none of them", async () => {
  const before = await (await openKeys(data, source)).keyring.key("database");
  const { rows, rewrap } = await projectsWith(3);
  const keyId = await rotateKeys({ dataDirectory: data, source, rewrapOthers: rewrap });
  expect(keyId).toMatch(/^v2-/);
  const { keyring, secrets } = await openKeys(data, source);
  expect(await keyring.key("database")).toEqual(before);
  for (const [purpose, wrapped] of rows) {
    expect(wrapped).toContain(keyId);
    expect(await secrets.unwrap(wrapped, purpose)).toEqual(Buffer.alloc(32, Number(purpose.slice(8))));
  }
});

test.each([0, 1, 2])(
  "a rotation killed after %d projects loses nothing, and the next one finishes it",
  async (steps) => {
    const { rows, rewrap } = await projectsWith(3);
    const killed = rotateKeys({ dataDirectory: data, source, rewrapOthers: (now) => rewrap(now, steps) });
    await expect(killed).rejects.toThrow("killed");

    const between = await openKeys(data, source);
    for (const [purpose, wrapped] of rows) await between.secrets.unwrap(wrapped, purpose);

    const keyId = await rotateKeys({ dataDirectory: data, source, rewrapOthers: rewrap });
    expect(keyId).toMatch(/^v2-/);
    for (const wrapped of rows.values()) expect(wrapped).toContain(keyId);
  },
);

test("a rotation killed right after the new key was added is finished with that key", async () => {
  const { keyring } = await openKeys(data, source);
  addKeyVersion(keyFileOf(source, keyring.instanceId) ?? "");
  expect(await rotateKeys({ dataDirectory: data, source, rewrapOthers: async () => {} })).toMatch(/^v2-/);
});
