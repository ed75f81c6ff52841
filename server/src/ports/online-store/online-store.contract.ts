import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { OnlineRow, OnlineStore } from "./online-store.ts";

const TABLE = { projectId: "p1", tableId: "view-1" };

function row(
  key: string,
  times: [eventMs: number, createdMs: number],
  ...values: OnlineRow["values"]
): OnlineRow {
  const [eventMs, createdMs] = times;
  return { key, eventMs, createdMs, values };
}

/** What every engine of the online store must do; `open` gives a fresh, empty one with keys for any project. */
export function onlineStoreContract(open: () => Promise<OnlineStore>): void {
  test("values of every kind come back as they went, in the order of the keys", async () => {
    const store = await open();
    const values = [null, true, "", "9223372036854775807", -1.5, ["a", null], []];
    await store.put(TABLE, [row("a", [1, 1], ...values), row("b", [2, 0])]);
    expect(await store.get(TABLE, ["b", "nobody", "a", "b"])).toEqual([
      row("b", [2, 0]),
      undefined,
      row("a", [1, 1], ...values),
      row("b", [2, 0]),
    ]);
  });

  test("an older row never wins, whichever comes first, and a tie goes to what was created later", async () => {
    const store = await open();
    expect(await store.put(TABLE, [row("a", [10, 5], "first")])).toEqual({ written: 1, kept: 0 });
    expect(await store.put(TABLE, [row("a", [9, 99], "late")])).toEqual({ written: 0, kept: 1 });
    expect(await store.put(TABLE, [row("a", [10, 4], "older twin")])).toEqual({ written: 0, kept: 1 });
    expect(await store.put(TABLE, [row("a", [10, 6], "newer twin")])).toEqual({ written: 1, kept: 0 });
    expect(await store.put(TABLE, [row("a", [10, 6], "again")])).toEqual({ written: 1, kept: 0 });
    expect((await store.get(TABLE, ["a"]))[0]?.values).toEqual(["again"]);
  });

  test("within one batch, too, the newest row of a key is what stays", async () => {
    const store = await open();
    const batch = [row("a", [1, 0], 1), row("a", [3, 0], 3), row("a", [2, 0], 2), row("b", [1, 0], 9)];
    await store.put(TABLE, batch);
    expect((await store.get(TABLE, ["a", "b"])).map((found) => found?.values[0])).toEqual([3, 9]);
  });

  test("a batch larger than a step is written whole", async () => {
    const store = await open();
    const rows = Array.from({ length: 2000 }, (_, i) => row(`k${i}`, [i, 0], i));
    expect(await store.put(TABLE, rows)).toEqual({ written: 2000, kept: 0 });
    const back = await store.get(
      TABLE,
      rows.map(({ key }) => key),
    );
    expect(back).toEqual(rows);
  });

  test("writers at the same time leave the newest of each key", async () => {
    const store = await open();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const time = (i * 7) % 20;
        return store.put(TABLE, [row("a", [time, 0], time), row("b", [100 - time, 0], time)]);
      }),
    );
    expect((await store.get(TABLE, ["a", "b"])).map((found) => found?.eventMs)).toEqual([19, 100]);
  });

  test("tables are apart, and dropping one leaves the others", async () => {
    const store = await open();
    const others = [
      { ...TABLE, tableId: "view-2" },
      { ...TABLE, projectId: "p2" },
    ];
    const many = Array.from({ length: 600 }, (_, i) => row(`k${i}`, [1, 0], i));
    for (const table of [TABLE, ...others]) await store.put(table, many);
    await store.drop(TABLE);
    await store.drop(TABLE);
    expect((await store.get(TABLE, ["k0", "k599"])).filter(Boolean)).toEqual([]);
    for (const table of others) expect((await store.get(table, ["k599"]))[0]?.values).toEqual([599]);
    await store.put(TABLE, [row("k0", [0, 0], "anew")]);
    expect((await store.get(TABLE, ["k0"]))[0]?.values).toEqual(["anew"]);
  });

  test("keys may be of any length and hold any text", async () => {
    const store = await open();
    const keys = ["", "\u0000", "ключ", "x".repeat(5000), randomBytes(40).toString("base64")];
    await store.put(
      TABLE,
      keys.map((key) => row(key, [1, 1], key)),
    );
    expect((await store.get(TABLE, keys)).map((found) => found?.values[0])).toEqual(keys);
  });
}
