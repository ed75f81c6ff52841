import { createHash } from "node:crypto";
import { openLmdbOnlineStore } from "../ports/online-store/lmdb.ts";

interface Order {
  directory: string;
  /** Writes for ever, and says each number once it is durable; else writes these and ends. */
  rows?: { key: string; eventMs: number }[];
}

// A process of its own that writes to an online store which others have open, and may be killed.
process.once("message", async ({ directory, rows }: Order) => {
  const keys = { keyOf: async (projectId: string) => createHash("sha256").update(projectId).digest() };
  const store = openLmdbOnlineStore({ directory, keys });
  const table = { projectId: "p1", tableId: "view-1" };
  const put = (key: string, eventMs: number) =>
    store.put(table, [{ key, eventMs, createdMs: 0, values: [process.pid, `plain-words-${key}`] }]);
  if (rows !== undefined) {
    for (const { key, eventMs } of rows) await put(key, eventMs);
    await store.close();
    process.disconnect();
    return;
  }
  for (let i = 0; ; i += 1) {
    await put(`k${i}`, i);
    process.send?.(i);
  }
});
