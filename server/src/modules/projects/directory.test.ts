import { expect, test } from "vitest";
import { openTestDatabase } from "../../testing/database.ts";
import { createDirectory } from "./directory.ts";

test("projects that were known before answer while the database is away, for some minutes", async () => {
  const db = await openTestDatabase();
  let nowMs = 1_000_000;
  const directory = createDirectory(db, { now: () => nowMs });
  expect(await directory.all()).toEqual([]);
  await db.close();
  nowMs += 60_000;
  expect(await directory.all()).toEqual([]);
  nowMs += 5 * 60_000;
  await expect(directory.all()).rejects.toThrow();
});
