import { type Kysely, sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, forUpdate, isUniqueViolation, type Tx, tables } from "./database.ts";
import { translate } from "./dialect.ts";

interface ThingTables {
  things: {
    id: number;
    name: string | null;
    size: number | null;
    bytes: Buffer | null;
    n: number;
  };
}

const things = tables<ThingTables>();
const TABLE = `create table things (
  id bigint not null identity primary key,
  name text unique,
  size double,
  bytes bytes,
  n bigint not null
)`;

/** What every engine of the database port must do; `open` gives a fresh store without our table. */
export function databaseContract(open: () => Promise<Database>): void {
  let db: Database;

  beforeEach(async () => {
    db = await open();
    await db.transaction(async (tx) => {
      for (const text of translate(TABLE, db.engine).statements) await sql.raw(text).execute(tx.kysely);
    });
  });
  afterEach(() => db.close());

  const add = (tx: Tx, row: Partial<ThingTables["things"]>) =>
    things(tx)
      .insertInto("things")
      .values({ n: 0, ...row } as ThingTables["things"])
      .returning("id")
      .executeTakeFirstOrThrow();
  const names = async (tx: Tx = db.reader) =>
    (await things(tx).selectFrom("things").select("name").orderBy("id").execute()).map((row) => row.name);

  test("a change is seen by both readers once its transaction has ended", async () => {
    const answer = await db.transaction(async (tx) => {
      await add(tx, { name: "a" });
      expect(await names(tx)).toEqual(["a"]);
      expect(await names()).toEqual([]);
      return "done";
    });
    expect(answer).toBe("done");
    expect(await names()).toEqual(["a"]);
    expect(await names(db.longReader)).toEqual(["a"]);
  });

  test("a throw undoes all of it and comes out as it was", async () => {
    const thrown = new Error("rule broken");
    const work = db.transaction(async (tx) => {
      await add(tx, { name: "a" });
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(await names()).toEqual([]);
    await db.transaction((tx) => add(tx, { name: "b" }));
    expect(await names()).toEqual(["b"]);
  });

  test("a unique key that is taken is told from other failures", async () => {
    await db.transaction((tx) => add(tx, { name: "a" }));
    const again = await db.transaction((tx) => add(tx, { name: "a" })).catch((thrown: unknown) => thrown);
    expect(isUniqueViolation(again)).toBe(true);
    const samePrimary = db.transaction((tx) => add(tx, { id: 1 }));
    expect(isUniqueViolation(await samePrimary.catch((thrown: unknown) => thrown))).toBe(true);
    const missing = db.transaction((tx) => sql`insert into things (n) values (null)`.execute(tx.kysely));
    expect(isUniqueViolation(await missing.catch((thrown: unknown) => thrown))).toBe(false);
    expect(isUniqueViolation(new Error("x"))).toBe(false);
  });

  test("work that swallows a failed statement fails all the same, and nothing of it stays", async () => {
    await db.transaction((tx) => add(tx, { name: "a" }));
    const work = db.transaction(async (tx) => {
      await add(tx, { name: "b" });
      await add(tx, { name: "a" }).catch(() => {});
    });
    expect(isUniqueViolation(await work.catch((thrown: unknown) => thrown))).toBe(true);
    expect(await names()).toEqual(["a"]);
  });

  test("a transaction that is over takes no more statements", async () => {
    let kept: Tx | undefined;
    await db.transaction(async (tx) => {
      kept = tx;
    });
    const late = kept;
    if (late === undefined) throw new Error("the work ran");
    await expect(add(late, { name: "late" })).rejects.toThrow("over");
    expect(await names()).toEqual([]);
  });

  test("what waits for the commit runs once it is durable, and never for work that was undone", async () => {
    const ran: string[] = [];
    await db.transaction(async (tx) => {
      tx.afterCommit(() => ran.push("kept"));
      await add(tx, { name: "a" });
      expect(ran).toEqual([]);
    });
    expect(ran).toEqual(["kept"]);
    const work = db.transaction(async (tx) => {
      tx.afterCommit(() => ran.push("undone"));
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(ran).toEqual(["kept"]);
    expect(() => db.reader.afterCommit(() => {})).toThrow("commits nothing");
  });

  test("two changes of one row that read it first for update lose nothing", async () => {
    const { id } = await db.transaction((tx) => add(tx, { n: 0 }));
    const increment = () =>
      db.transaction(async (tx) => {
        const query = things(tx).selectFrom("things").select("n").where("id", "=", id);
        const { n } = await forUpdate(tx, query).executeTakeFirstOrThrow();
        await things(tx)
          .updateTable("things")
          .set({ n: n + 1 })
          .where("id", "=", id)
          .execute();
      });
    await Promise.all(Array.from({ length: 40 }, increment));
    expect(await things(db.reader).selectFrom("things").select("n").execute()).toEqual([{ n: 40 }]);
  });

  test("work under one name is done one after the other, each seeing what the one before left", async () => {
    const append = () =>
      db.transaction(async (tx) => {
        await tx.serialize("chain");
        const last = await things(tx)
          .selectFrom("things")
          .select("n")
          .orderBy("n", "desc")
          .executeTakeFirst();
        await add(tx, { n: (last?.n ?? 0) + 1 });
      });
    await Promise.all(Array.from({ length: 40 }, append));
    const rows = await things(db.reader).selectFrom("things").select("n").orderBy("n").execute();
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test("transactions that lock rows in different orders all end", async () => {
    const a = (await db.transaction((tx) => add(tx, {}))).id;
    const b = (await db.transaction((tx) => add(tx, {}))).id;
    const bump = (tx: Tx, id: number) =>
      things(tx).updateTable("things").set({ n: sql<number>`n + 1` }).where("id", "=", id).execute();
    const both = (first: number, second: number) =>
      db.transaction(async (tx) => {
        await bump(tx, first);
        await bump(tx, second);
      });
    await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? both(a, b) : both(b, a))));
    const rows = await things(db.reader).selectFrom("things").select("n").execute();
    expect(rows).toEqual([{ n: 8 }, { n: 8 }]);
  }, 30_000);

  test.each([
    ["text", { name: "héllo wörld 日本 🎉 \\ ' \" % _ \n\t" }],
    ["an empty text", { name: "" }],
    ["the largest whole number", { n: Number.MAX_SAFE_INTEGER }],
    ["the smallest whole number", { n: Number.MIN_SAFE_INTEGER }],
    ["a fraction", { size: 0.1 + 0.2 }],
    ["a large float", { size: 1.7976931348623157e308 }],
    ["a small float", { size: 5e-324 }],
    ["infinity", { size: Number.NEGATIVE_INFINITY }],
    ["all bytes", { bytes: Buffer.from(Array.from({ length: 256 }, (_, i) => i)) }],
    ["no bytes", { bytes: Buffer.alloc(0) }],
    ["nothing", { name: null, size: null, bytes: null }],
  ])("%s comes back as it went, from both readers", async (_, row) => {
    await db.transaction((tx) => add(tx, row));
    for (const reader of [db.reader, db.longReader]) {
      const found = await things(reader).selectFrom("things").selectAll().executeTakeFirstOrThrow();
      expect(found).toMatchObject(row);
      if (found.bytes !== null) expect(Buffer.isBuffer(found.bytes)).toBe(true);
    }
  });

  test("text with a NUL is refused as bad input, and what is no value of ours as a bug", async () => {
    const nul = db.transaction((tx) => add(tx, { name: "a\0b" }));
    await expect(nul).rejects.toMatchObject({ code: "invalid" });
    for (const reader of [db.reader, db.longReader]) {
      const asked = things(reader).selectFrom("things").selectAll().where("name", "=", "a\0b").execute();
      await expect(asked).rejects.toMatchObject({ code: "invalid" });
    }
    for (const bad of [Number.NaN, true, new Date(), {}, undefined]) {
      const work = db.transaction((tx) => sql`insert into things (n) values (${bad})`.execute(tx.kysely));
      await expect(work).rejects.toThrow("stores no");
    }
    const fraction = db.transaction((tx) => sql`insert into things (n) values (${1.5})`.execute(tx.kysely));
    await expect(fraction).rejects.toThrow();
    expect(await names()).toEqual([]);
  });

  test("text sorts and compares by its bytes", async () => {
    const sorted = ["", "10", "9", "A", "Z", "a", "b", "é", "日", "🎉"];
    await db.transaction(async (tx) => {
      for (const name of [...sorted].reverse()) await add(tx, { name });
    });
    const rows = await things(db.reader).selectFrom("things").select("name").orderBy("name").execute();
    expect(rows.map(({ name }) => name)).toEqual(sorted);
    const like = await things(db.reader)
      .selectFrom("things")
      .select("name")
      .where("name", "like", "a%")
      .execute();
    expect(like).toEqual([{ name: "a" }]);
    const after = await things(db.reader)
      .selectFrom("things")
      .select("name")
      .where("name", ">", "Z")
      .execute();
    expect(after).toHaveLength(5);
  });

  test("counts, sums and comparisons are numbers, and writes tell how many rows they met", async () => {
    await db.transaction(async (tx) => {
      for (const n of [1, 2, 3]) await add(tx, { n });
    });
    const row = await things(db.reader)
      .selectFrom("things")
      .select((of) => [
        of.fn.countAll().as("count"),
        of.fn.sum("n").as("sum"),
        of.fn.avg("n").as("average"),
        sql`max(n) > 2`.as("large"),
      ])
      .executeTakeFirstOrThrow();
    expect(row).toEqual({ count: 3, sum: 6, average: 2, large: 1 });
    const changed = await db.transaction((tx) =>
      things(tx).updateTable("things").set({ n: 9 }).where("n", ">", 1).executeTakeFirst(),
    );
    expect(changed.numUpdatedRows).toBe(2n);
  });

  test("Kysely may not begin transactions of its own", async () => {
    const kysely: Kysely<unknown> = db.reader.kysely;
    await expect(kysely.transaction().execute(async () => {})).rejects.toThrow("db.transaction");
  });

  test("closing lets what has begun end, and refuses what comes after", async () => {
    const running = db.transaction((tx) => add(tx, { name: "last" }));
    await running;
    expect(await db.healthy()).toBe(true);
    await db.close();
    await expect(db.transaction(async () => {})).rejects.toMatchObject({ code: "unavailable" });
    db = await open();
  });
}
