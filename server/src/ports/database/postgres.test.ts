import { connect, createServer, type Server, type Socket } from "node:net";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openTestDatabase, TEST_ENGINE, type TestDatabase } from "../../testing/database.ts";
import type { Database } from "./database.ts";
import { openPostgres } from "./postgres.ts";

const AWAY = { code: "unavailable", retryAfterSeconds: 5 };

describe.runIf(TEST_ENGINE === "postgres")("PostgreSQL", () => {
  let base: TestDatabase;
  let wire: Wire;
  let db: Database;

  beforeEach(async () => {
    base = await openTestDatabase();
    if (base.address.engine !== "postgres") throw new Error("this run tests PostgreSQL");
    wire = await openWire(base.address.url);
    db = openPostgres({ url: wire.url, nullable: [], writersMax: 3 });
  });
  afterEach(async () => {
    await db.close();
    await wire.close();
    await base.close();
  });

  const ask = (on: Database = db) => on.transaction((tx) => sql`select 1`.execute(tx.kysely));

  test("a database that went away is unavailable, and the service returns by itself", async () => {
    await Promise.all([ask(), ask(), ask()]);
    expect(await db.healthy()).toBe(true);
    await wire.cut();
    await expect(ask()).rejects.toMatchObject(AWAY);
    await expect(sql`select 1`.execute(db.reader.kysely)).rejects.toMatchObject(AWAY);
    expect(await db.healthy()).toBe(false);
    await wire.mend();
    await ask();
    expect(await db.healthy()).toBe(true);
  });

  test("connections that died while idle are replaced without anyone noticing", async () => {
    await Promise.all([ask(), ask(), ask()]);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(base.reader.kysely);
    await Promise.all([ask(), ask(), ask()]);
  });

  test("a change that is cut off in the middle is unavailable and leaves nothing", async () => {
    const work = db.transaction(async (tx) => {
      await sql`insert into leases_leases values ('a', 'h', 'p', 1, 0)`.execute(tx.kysely);
      await wire.cut();
      await sql`select 1`.execute(tx.kysely);
    });
    await expect(work).rejects.toMatchObject({ code: "unavailable" });
    const { rows } = await sql`select name from leases_leases`.execute(base.reader.kysely);
    expect(rows).toEqual([]);
  });

  test("when all connections are busy, who waits too long is told to come back", async () => {
    let free = (): void => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const holders = [1, 2, 3].map(() => db.transaction(() => held));
    await expect(ask()).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
    free();
    await Promise.all(holders);
    await ask();
  }, 20_000);

  test("work that lost a collision is done again, and what it wanted after the commit runs once", async () => {
    const after = vi.fn();
    let tries = 0;
    await db.transaction(async (tx) => {
      tries += 1;
      tx.afterCommit(after);
      if (tries < 3)
        await sql`do $$ begin raise exception using errcode = '40001'; end $$`.execute(tx.kysely);
    });
    expect(tries).toBe(3);
    expect(after).toHaveBeenCalledTimes(1);
    const hopeless = db.transaction((tx) =>
      sql`do $$ begin raise exception using errcode = '40P01'; end $$`.execute(tx.kysely),
    );
    await expect(hopeless).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  });

  test("a wrong password or name is told without showing the address", async () => {
    for (const [part, value] of [
      ["password", "wrong-secret"],
      ["pathname", "no_such_database"],
    ] as const) {
      const address = new URL(wire.url);
      address[part] = value;
      const wrong = openPostgres({ url: address.href, nullable: [] });
      const thrown = await ask(wrong).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: "unavailable" });
      expect(String(thrown)).toContain("ATRIUM_DATABASE_URL");
      expect(String(thrown)).not.toContain("wrong-secret");
      await wrong.close();
    }
  });

  test("a whole number beyond 2^53 is refused, not rounded", async () => {
    const far = sql`select 9007199254740993::bigint as n`.execute(db.reader.kysely);
    await expect(far).rejects.toThrow("below 2^53");
    await ask();
  });

  test("it cannot be copied to a file", async () => {
    await expect(db.copyTo("/tmp/x")).rejects.toMatchObject({ code: "invalid" });
  });
});

interface Wire {
  url: string;
  /** Breaks all connections and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** A line to the database that can be cut. */
async function openWire(url: string): Promise<Wire> {
  const far = new URL(url);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  async function mend(): Promise<void> {
    server = createServer((near) => {
      const other = connect(Number(far.port), far.hostname);
      for (const socket of [near, other]) {
        sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          sockets.delete(socket);
          near.destroy();
          other.destroy();
        });
      }
      near.pipe(other).pipe(near);
    });
    await new Promise<void>((resolve) => server?.listen(port, "127.0.0.1", resolve));
    const address = server.address();
    if (address !== null && typeof address !== "string") port = address.port;
  }

  async function cut(): Promise<void> {
    const closed = new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await mend();
  const near = Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(port) });
  return { url: near.href, cut, mend, close: cut };
}
