import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openEmptyDatabase, TEST_ENGINE } from "../../testing/database.ts";
import { databaseContract } from "./database.contract.ts";

databaseContract(openEmptyDatabase);

test.runIf(TEST_ENGINE === "sqlite")("on SQLite, work that waits for something else is undone", async () => {
  const db = await openEmptyDatabase();
  await expect(db.transaction(() => sleep(5))).rejects.toThrow("awaited something other than the database");
  expect(await db.transaction(async () => "next")).toBe("next");
  await db.close();
});
