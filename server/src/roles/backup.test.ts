import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "#lib/folder-lock";
import { openDiskBlobs } from "../ports/blobs/disk.ts";
import { openSqlite } from "../ports/database/sqlite.ts";
import { openLmdbOnlineStore } from "../ports/online-store/lmdb.ts";
import { type KeySource, keyringPath, openKeys, readKeyring } from "../ports/secrets/keyring.ts";
import { findPlaintext } from "../testing/plaintext.ts";
import { backup } from "./backup.ts";
import { restore } from "./restore.ts";

let root: string;
let data: string;
let key: KeySource;
const opened: { close(): Promise<void> }[] = [];

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
const prove = (source: KeySource) => async (directory: string) =>
  (await openKeys(directory, source)).keyring.key("database");
const database = { engine: "sqlite" } as const;

/** Online values of one key, which only grow, in the store that the backup copies by its own means. */
const ONLINE_TABLE = { projectId: "p1", tableId: "v1" };

/** A small store of the same make: rows that name sealed objects, and what they say once more online. */
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
  const online = openLmdbOnlineStore({
    directory: join(directory, "online"),
    keys: { keyOf: async () => project },
  });
  opened.push(online);
  const write = async (text: string) => {
    await online.put(ONLINE_TABLE, [
      { key: text, eventMs: 1, createdMs: 1, values: [text, "x".repeat(200)] },
    ]);
    const { id } = await blobs.put("p1", Readable.from([Buffer.from(text)]), { sizeBytesMax: 1000 });
    await db.transaction((tx) => sql`insert into notes values (${id}, ${text})`.execute(tx.kysely));
  };
  const rows = async () => {
    const found = await sql<{ object: string; text: string }>`select object, text from notes`.execute(
      db.reader.kysely,
    );
    return found.rows;
  };
  const copy = (target: string) =>
    backup({
      ...{ dataDirectory: directory, target, describeKeys },
      database: { engine: "sqlite", file: "atrium.db", copyTo: db.copyTo },
      settle: async () => {},
      copyOnline: online.copyTo,
    });
  return { blobs, online, write, rows, copy };
}

test("a backup taken under load restores everything acknowledged before it began, and no row without its object", {
  timeout: 120_000, // Writing goes on while all is copied and read back: on a busy machine each waits for the disk of the other.
}, async () => {
  const store = await openStore(data);
  for (let i = 0; i < 20; i += 1) await store.write(`melancholy-before-${i}`);
  let writing = true;
  const load = (async () => {
    for (let i = 0; writing; i += 1) await store.write(`melancholy-during-${i}`);
  })();
  const target = join(root, "backup");
  const manifest = await store.copy(target);
  writing = false;
  await load;

  expect(findPlaintext(target, ["melancholy"])).toMatchObject({ finds: [] });
  expect(readFileSync(join(target, "backup.json"), "utf8")).toContain(manifest.keyId);
  const again = join(root, "again");
  await restore({ source: target, dataDirectory: again, database, proveKey: prove(key) });
  const restored = await openStore(again);
  const rows = await restored.rows();
  const texts = new Set(rows.map((row) => row.text));
  for (let i = 0; i < 20; i += 1) expect(texts).toContain(`melancholy-before-${i}`);
  // The database never speaks of online values that are not there.
  const online = await restored.online.get(
    ONLINE_TABLE,
    rows.map((row) => row.text),
  );
  expect(online.map((row) => row?.values[0])).toEqual(rows.map((row) => row.text));
  for (const row of rows) {
    expect((await buffer(await restored.blobs.get("p1", row.object))).toString()).toBe(row.text);
  }
});

async function smallBackup(): Promise<string> {
  const store = await openStore(data);
  await store.write("note");
  const target = join(root, "backup");
  await store.copy(target);
  return target;
}

test("a damaged, incomplete or extended backup restores nothing", async () => {
  const source = await smallBackup();
  const attempt = () =>
    restore({ source, dataDirectory: join(root, "again"), database, proveKey: prove(key) });
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
    restore({ source, dataDirectory: join(root, "again"), database, proveKey: prove(other) }),
  ).rejects.toMatchObject({
    code: "unavailable",
  });
  const claimed = join(root, "claimed");
  lockFolder(claimed)();
  await restore({ source, dataDirectory: claimed, database, proveKey: prove(key) });
  expect(await (await openStore(claimed)).rows()).toHaveLength(1);
  await expect(
    restore({ source, dataDirectory: data, database, proveKey: prove(key) }),
  ).rejects.toMatchObject({
    code: "conflict",
  });
  const third = await openStore(join(root, "third"));
  await expect(third.copy(source)).rejects.toMatchObject({ code: "conflict" });
});

test("what the server makes again, claims and half-written files are left out; what people keep is not", async () => {
  const store = await openStore(data);
  await store.write("note");
  const add = (path: string) => {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), path);
  };
  const left = [
    "environments/abc/bin/python",
    "python/uv",
    "attempts/a1/work/plain.csv",
    "lock-1",
    "blobs/tmp/half",
    "predictions/segments/tmp/half",
    "tls/authority.pem.0123abcd.new",
  ];
  const kept = [
    "attempts/machine",
    "predictions/segments/p1/aa/bb",
    "predictions/journals/a.b.c.journal",
    "notebooks/home/tmp/x.new",
  ];
  for (const path of [...left, ...kept]) add(path);
  const never = [...left, "online/lock.mdb"];
  const target = join(root, "backup");
  const { files } = await store.copy(target);
  const paths = files.map(({ path }) => path);
  expect(paths.filter((path) => never.includes(path))).toEqual([]);
  expect(paths).toEqual(expect.arrayContaining([...kept, "online/data.mdb", "atrium.db", "keyring.json"]));
  const objects = "predictions/segments/p1/aa/bb";
  expect(statSync(join(target, objects)).ino).toBe(statSync(join(data, objects)).ino);
});

test("a backup of the other database is refused in words", async () => {
  const source = await smallBackup();
  const postgres = { engine: "postgres", requireEmpty: async () => {}, load: async () => {} } as const;
  const given = { source, dataDirectory: join(root, "again"), proveKey: prove(key) };
  await expect(restore({ ...given, database: postgres })).rejects.toThrow("leave ATRIUM_DATABASE_URL away");
  const manifest = join(source, "backup.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, text.replace('"files"', '"databaseDump": "0", "files"'));
  await expect(restore({ ...given, database })).rejects.toThrow("empty database by ATRIUM_DATABASE_URL");
});
