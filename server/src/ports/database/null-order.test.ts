import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestDatabase } from "../../testing/database.ts";
import { type Database, tables } from "./database.ts";

interface Tables {
  events_parked: { subscriber: string; position: number; error: string | null };
  events_cursors: { subscriber: string; position: number };
}

const from = tables<Tables>();
let db: Database;

beforeEach(async () => {
  db = await openTestDatabase();
  await db.transaction(async (tx) => {
    for (const [position, error] of [
      [1, "b"],
      [2, null],
      [3, "a"],
    ] as const) {
      await sql`insert into events_parked (subscriber, position, kind, key, body, at_ms, tries, next_try_ms, error)
        values ('s', ${position}, '', '', '', 0, 0, 0, ${error})`.execute(tx.kysely);
    }
  });
});
afterEach(() => db.close());

test("nulls sort below every value, up and down, with an alias and through a join", async () => {
  const query = from(db.reader).selectFrom("events_parked as p").select("p.position");
  const order = (rows: { position: number | null }[]) => rows.map(({ position }) => position);
  expect(order(await query.orderBy("p.error").execute())).toEqual([2, 3, 1]);
  expect(order(await query.orderBy("error", "desc").execute())).toEqual([1, 3, 2]);
  expect(order(await query.orderBy("p.error", (by) => by.asc().nullsLast()).execute())).toEqual([3, 1, 2]);
  await db.transaction((tx) =>
    sql`insert into events_cursors (subscriber, position, moved_ms) values ('s', 2, 0)`.execute(tx.kysely),
  );
  const joined = await from(db.reader)
    .selectFrom("events_parked as p")
    .leftJoin("events_cursors as c", "c.position", "p.position")
    .select("p.position")
    .orderBy("c.position", "desc")
    .orderBy("p.position")
    .execute();
  expect(order(joined)).toEqual([2, 1, 3]);
});

test("a column that is never null keeps the order that its key can give", () => {
  const { sql: text } = from(db.reader)
    .selectFrom("events_parked")
    .select("position")
    .orderBy("position")
    .compile();
  expect(text).not.toContain("nulls");
});
