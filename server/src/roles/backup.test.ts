import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "#lib/folder-lock";
import type { Database } from "#ports/database";
import { openDiskBlobs } from "../ports/blobs/disk.ts";
import { openSqlite } from "../ports/database/sqlite.ts";
import { type KeySource, keyringPath, openKeys, readKeyring } from "../ports/secrets/keyring.ts";
import { findPlaintext } from "../testing/plaintext.ts";
import { backup, restore } from "./backup.ts";

let root: string;
let data: string;
let key: KeySource;
const opened: Database[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "atrium-backup-"));
  data = join(root, "data");
  key = { kind: "default", directory: join(root, "keys") };
});
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
  rmSync(root, { recursive: true, force: true });
});

const describeKeys = (directory: string) => readKeyring(keyringPath(directory));
const prove = (source: KeySource) => (directory: string) => openKeys(directory, source);

/** A small store of the same make: rows that name sealed objects. */
async function openStore(directory: string) {
  const { keyring } = await openKeys(directory, key);
  const db = openSqlite({ file: join(directory, "atrium.db"), key: await keyring.key("database") });
  opened.push(db);
  await db.transaction((tx) =>
    sql`create table if not exists notes (object text primary key, text text)`.execute(tx.kysely),
  );
  const project = await keyring.key("project:p1");
  const blobs = await openDiskBlobs({
    directory: join(directory, "blobs"),
    keys: { keyOf: async () => project },
  });
  const write = async (text: string) => {
    const { id } = await blobs.put("p1", Readable.from([Buffer.from(text)]), { sizeBytesMax: 1000 });
    await db.transaction((tx) => sql`insert into notes values (${id}, ${text})`.execute(tx.kysely));
  };
  const rows = async () => {
    const found = await sql<{ object: string; text: string }>`select object, text from notes`.execute(
      db.reader.kysely,
    );
    return found.rows;
  };
  return { db, blobs, write, rows };
}

test("a backup taken under load restores everything acknowledged before it began, and no row without its object", async () => {
  const store = await openStore(data);
  for (let i = 0; i < 20; i += 1) await store.write(`melancholy-before-${i}`);
  let writing = true;
  const load = (async () => {
    for (let i = 0; writing; i += 1) await store.write(`melancholy-during-${i}`);
  })();
  const target = join(root, "backup");
  const manifest = await backup({
    dataDirectory: data,
    databaseFile: "atrium.db",
    db: store.db,
    target,
    describeKeys,
  });
  writing = false;
  await load;

  expect(findPlaintext(target, ["melancholy"])).toMatchObject({ finds: [] });
  expect(readFileSync(join(target, "backup.json"), "utf8")).toContain(manifest.keyId);
  const again = join(root, "again");
  await restore({ source: target, dataDirectory: again, proveKey: prove(key) });
  const restored = await openStore(again);
  const rows = await restored.rows();
  const texts = new Set(rows.map((row) => row.text));
  for (let i = 0; i < 20; i += 1) expect(texts).toContain(`melancholy-before-${i}`);
  for (const row of rows) {
    expect((await buffer(await restored.blobs.get("p1", row.object))).toString()).toBe(row.text);
  }
});

async function smallBackup(): Promise<string> {
  const store = await openStore(data);
  await store.write("note");
  const target = join(root, "backup");
  await backup({ dataDirectory: data, databaseFile: "atrium.db", db: store.db, target, describeKeys });
  return target;
}

test("a damaged, incomplete or extended backup restores nothing", async () => {
  const source = await smallBackup();
  const attempt = () => restore({ source, dataDirectory: join(root, "again"), proveKey: prove(key) });
  writeFileSync(join(source, "more"), "x");
  await expect(attempt()).rejects.toThrow("not whole");
  rmSync(join(source, "more"));
  const file = join(source, "atrium.db");
  const bytes = readFileSync(file);
  bytes[5000] = (bytes[5000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  await expect(attempt()).rejects.toThrow("atrium.db");
  rmSync(file);
  await expect(attempt()).rejects.toThrow("not whole");
  expect(readdirSync(root)).not.toContain("again");
});

test("a backup restores only with its key, and only into an empty folder", async () => {
  const source = await smallBackup();
  const other: KeySource = { kind: "text", text: "ab".repeat(32) };
  await expect(
    restore({ source, dataDirectory: join(root, "again"), proveKey: prove(other) }),
  ).rejects.toMatchObject({
    code: "unavailable",
  });
  const claimed = join(root, "claimed");
  lockFolder(claimed)();
  await restore({ source, dataDirectory: claimed, proveKey: prove(key) });
  expect(await (await openStore(claimed)).rows()).toHaveLength(1);
  await expect(restore({ source, dataDirectory: data, proveKey: prove(key) })).rejects.toMatchObject({
    code: "conflict",
  });
  const { db } = await openStore(join(root, "third"));
  const onto = backup({ dataDirectory: data, databaseFile: "atrium.db", db, target: source, describeKeys });
  await expect(onto).rejects.toMatchObject({ code: "conflict" });
});
