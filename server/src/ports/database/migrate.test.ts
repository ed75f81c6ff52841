import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEmptyDatabase } from "../../testing/database.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";

let folder: string;
let db: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "atrium-migrate-"));
  db = await openEmptyDatabase();
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Record<string, string>): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

async function count(table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(
    db.reader.kysely,
  );
  return Number(rows[0]?.n);
}

const ONE = "create table one_a (id bigint not null primary key);\ninsert into one_a (id) values (1);\n";
const TWO = "create table two_a (id bigint not null primary key);\n";

test("files are applied in order, each once, and the sum is not a file of history", async () => {
  write({
    "0002-two.sql": `${TWO}insert into two_a (id) select id from one_a;`,
    "0001-one.sql": ONE,
    "schema.sql": "x",
  });
  expect(await migrate(db, folder)).toEqual(["0001-one.sql", "0002-two.sql"]);
  expect(await migrate(db, folder)).toEqual([]);
  expect(await count("two_a")).toBe(1);
  expect(await count("house_migrations")).toBe(2);
});

test("a file that fails leaves nothing of itself, and the next start goes on there", async () => {
  write({ "0001-one.sql": ONE, "0002-two.sql": `${TWO}insert into one_a (id) values (1);` });
  await expect(migrate(db, folder)).rejects.toThrow();
  expect(await count("house_migrations")).toBe(1);
  await expect(count("two_a")).rejects.toThrow();
  write({ "0001-one.sql": ONE, "0002-two.sql": TWO });
  expect(await migrate(db, folder)).toEqual(["0002-two.sql"]);
});

test("an applied file that was changed is refused, and nothing after it is applied", async () => {
  write({ "0001-one.sql": ONE });
  await migrate(db, folder);
  write({ "0001-one.sql": `${ONE}-- a word more\n`, "0002-two.sql": TWO });
  await expect(migrate(db, folder)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("0001-one.sql was changed"),
  });
  expect(await count("house_migrations")).toBe(1);
});

test("a database that is newer than the program, or whose files are missing, is refused", async () => {
  write({ "0001-one.sql": ONE, "0002-two.sql": TWO });
  await migrate(db, folder);
  write({ "0001-one.sql": ONE });
  await expect(migrate(db, folder)).rejects.toThrow("newer than this program: it knows 0002-two.sql");
  write({ "0002-two.sql": TWO });
  await expect(migrate(db, folder)).rejects.toThrow(
    "0001-one.sql was applied to this database, and its file is missing",
  );
});

test("a file that was added before an applied one is refused", async () => {
  write({ "0002-two.sql": TWO });
  await migrate(db, folder);
  write({ "0001-one.sql": ONE, "0002-two.sql": TWO });
  await expect(migrate(db, folder)).rejects.toThrow("0001-one.sql stands before 0002-two.sql");
});

test.each([
  [{ "0001-one.sql": ONE, "one.sql": ONE }, "is no migration"],
  [{ "0001-one.sql": ONE, "0001-two.sql": TWO }, "the number 0001"],
  [{ "0001-one.sql": "create table one_a (id serial)" }, "has no 'serial' here"],
])("a folder that is not a history is refused: %o", async (files, message) => {
  write(files);
  await expect(migrate(db, folder)).rejects.toThrow(message);
});

test("several starts at once apply every file once", async () => {
  write({ "0001-one.sql": ONE, "0002-two.sql": TWO });
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(db, folder)));
  expect(applied.flat().sort()).toEqual(["0001-one.sql", "0002-two.sql"]);
  expect(await count("one_a")).toBe(1);
});
