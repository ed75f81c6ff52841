import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seeded } from "../../testing/bad-requests.ts";
import { openOfflineTables } from "../../testing/offline.ts";
import type { History } from "./history-sql.ts";
import { asOfSql } from "./online-sql.ts";
import { choosePlan, type JoinPlan, shapeSql, trainingSql } from "./training-sql.ts";
import { featuresOf } from "./window.ts";

const BASE_MS = Date.UTC(2026, 0, 1);
const TTL_MS = 5000;

interface EventRow {
  origin: string | null;
  route: number | null;
  ts: number | null;
  created: number | null;
  x: number | null;
  word: string | null;
}
interface EntityRow {
  origin: string | null;
  route: number | null;
  ts: number | null;
  label: number;
}

let tables: Awaited<ReturnType<typeof openOfflineTables>>;
beforeAll(async () => {
  tables = await openOfflineTables();
});
afterAll(() => tables.close());

const plainFeatures = featuresOf({
  features: [
    { name: "x", type: "float64", description: "" },
    { name: "label_word", column: "word", type: "string", description: "", default: "none" },
  ],
  aggregations: [],
});
const windowFeatures = featuresOf({
  features: [],
  aggregations: (["count", "sum", "mean", "min", "max", "std"] as const).flatMap((one) => [
    { function: one, column: "x", windows: ["1m", "5m"] },
    ...(one === "count" ? [{ function: one, windows: ["1m"] }] : []),
  ]),
});
const HISTORY: History = {
  tables: ["events", "pushed"],
  joinKeys: [
    { name: "origin", type: "string" },
    { name: "route", type: "int64" },
  ],
  timestampColumn: "ts",
  createdColumn: "created",
  ttlMs: TTL_MS,
  features: plainFeatures,
};
const WINDOWS: History = { ...HISTORY, features: windowFeatures, ttlMs: null };

describe.each([1, 2, 3, 4, 5, 6])(
  "a made-up history, seed %d, gives what a person with paper would find",
  (seed) => {
    const random = seeded(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    // Few times a millisecond apart around the ends of the time to live, so that ties and edges are the rule.
    const offsets = [0, 1, 2, TTL_MS - 1, TTL_MS, TTL_MS + 1, TTL_MS * 2, 59_999, 60_000, 60_001, 120_000];
    const time = () => (random() < 0.03 ? null : BASE_MS + pick(offsets) + pick([0, 0, 1, 60_000]));
    const origin = () => (random() < 0.05 ? null : pick(["JFK", "SFO", "O'Hare"]));
    const route = () => (random() < 0.05 ? null : pick([1, 2]));
    const events: EventRow[] = Array.from({ length: 240 }, () => ({
      origin: origin(),
      route: route(),
      ts: time(),
      created: random() < 0.1 ? null : BASE_MS + pick([0, 1, 2, 3]),
      x: random() < 0.2 ? null : Math.round(random() * 1000),
      word: random() < 0.2 ? null : pick(["a", "b", "c"]),
    }));
    const asked: EntityRow[] = Array.from({ length: 160 }, (_, label) => ({
      origin: random() < 0.1 ? "nowhere" : origin(),
      route: route(),
      ts: time(),
      label,
    }));
    const frame = [...asked, ...asked.slice(0, 20)]; // Entity rows that are twins stay twins.

    beforeAll(async () => {
      const columns = `"origin" VARCHAR, "route" INTEGER, "ts" TIMESTAMP, "created" TIMESTAMP, "x" INTEGER, "word" VARCHAR`;
      await tables.put("events", columns, events.slice(40).map(toStored));
      await tables.put("pushed", columns, events.slice(0, 40).map(toStored));
      await tables.put(
        "frame",
        `"origin" VARCHAR, "route" BIGINT, "ts" TIMESTAMPTZ, "label" INTEGER`,
        frame.map(toStored),
      );
    });

    test.each(["candidates", "ordered"] as const)("by the plan of %s", async (plan) => {
      for (const ttlMs of [TTL_MS, null]) {
        const rows = await tables.rows(join({ ...HISTORY, ttlMs }, plan));
        expect(rows.map(({ label }) => Number(label))).toEqual(frame.map(({ label }) => label));
        rows.forEach((row, i) => {
          const expected = newestOf(events, frame[i] as EntityRow, ttlMs);
          expect({ row: i, x: row.x, word: row.label_word }).toEqual({ row: i, ...expected });
        });
      }
    });

    test("in windows by running totals, to the last digit", async () => {
      const features = windowFeatures.filter(
        (one) => one.kind === "window" && ["count", "sum", "mean"].includes(one.function),
      );
      const history = { ...WINDOWS, features };
      const totals = await tables.rows(join(history, "totals"));
      expect(totals).toEqual(await tables.rows(join(history, "windows")));
      expect(totals.some(({ sum_x_1m }) => Number(sum_x_1m) > 0)).toBe(true);
    });

    test("in windows that end before the entity row's time", async () => {
      const rows = await tables.rows(join(WINDOWS, "windows"));
      expect(rows.map(({ label }) => Number(label))).toEqual(frame.map(({ label }) => label));
      rows.forEach((row, i) => {
        expect(numbers(row), `row ${i}`).toEqual(windowsOf(events, frame[i] as EntityRow));
      });
    });

    test("and online values are those that the training join gives at that time, whatever the parts", async () => {
      const asOfMs = BASE_MS + 60_001;
      const people = ["JFK", "SFO", "O'Hare"].flatMap((one) =>
        [1, 2].map((two) => ({ origin: one, route: two })),
      );
      const there = people.map((one) => ({ ...one, ts: asOfMs, label: 0 }));
      const online: Record<string, unknown>[] = [];
      for (let index = 0; index < 3; index += 1) {
        online.push(...(await tables.rows(asOfSql(WINDOWS, { asOfMs }, { index, of: 3 }))));
      }
      const found = there.map((entity) => {
        const row = online.find((one) => one.__k0 === entity.origin && Number(one.__k1) === entity.route);
        return row && named(row);
      });
      expect(found).toEqual(
        there.map((entity) => {
          const values = windowsOf(events, entity);
          return values.count_1m === null ? undefined : values;
        }),
      );
      const latest = await tables.rows(asOfSql({ ...HISTORY, ttlMs: null }, { asOfMs }, { index: 0, of: 1 }));
      for (const entity of there) {
        const row = latest.find((one) => one.__k0 === entity.origin && Number(one.__k1) === entity.route);
        expect({ x: row?.__f0 ?? null, word: row?.__f1 ?? null }).toEqual(newestOf(events, entity, null));
      }
    });
  },
);

test("the plan follows how many rows of a key are within the time to live", async () => {
  const dense = { rows: 1_000_000, keys: 1000, spanMs: 1_000_000, whole: true };
  expect(choosePlan({ ...HISTORY, ttlMs: null }, dense)).toBe("ordered");
  expect(choosePlan({ ...HISTORY, ttlMs: 10_000 }, dense)).toBe("candidates");
  expect(choosePlan({ ...HISTORY, ttlMs: null }, { ...dense, rows: 10_000, spanMs: 1 })).toBe("candidates");
  expect(choosePlan(WINDOWS, dense)).toBe("windows");
  const sums = windowFeatures.filter((one) => one.name.startsWith("sum") || one.name.startsWith("count"));
  expect(choosePlan({ ...WINDOWS, features: sums }, dense)).toBe("totals");
  expect(choosePlan({ ...WINDOWS, features: sums }, { ...dense, whole: false })).toBe("windows");
  await tables.put(
    "events",
    `"origin" VARCHAR, "route" INTEGER, "ts" DATE, "created" TIMESTAMP, "x" INTEGER, "word" VARCHAR`,
    [
      { origin: "a", route: 1, ts: "2026-01-01" },
      { origin: "a", route: 2, ts: "2026-01-02" },
    ],
  );
  const [row] = await tables.rows(shapeSql({ ...HISTORY, tables: ["events"] }));
  expect(Object.values(row ?? {}).map(Number)).toEqual([
    2,
    2,
    BASE_MS * 1000,
    (BASE_MS + 86_400_000) * 1000,
    1,
  ]);
});

test("defaults fill what has no value, and names with quotes stay names", async () => {
  await tables.put("odd", `"k""ey" VARCHAR, "t" TIMESTAMP, "v a" VARCHAR`, [
    { 'k"ey': "a", t: "2026-01-01", "v a": null },
  ]);
  await tables.put("frame", `"k""ey" VARCHAR, "at" TIMESTAMP`, [
    { 'k"ey': "a", at: "2026-01-02" },
    { 'k"ey': "b", at: "2026-01-02" },
  ]);
  const history: History = {
    tables: ["odd"],
    joinKeys: [{ name: 'k"ey', type: "string" }],
    timestampColumn: "t",
    createdColumn: undefined,
    ttlMs: null,
    features: featuresOf({
      features: [{ name: "v", column: "v a", type: "string", description: "" }],
      aggregations: [],
    }),
  };
  const columns = [{ feature: 0, as: "v", filled: "it's" }];
  const views = [{ history, plan: "ordered" as const, columns }];
  const rows = await tables.rows(trainingSql({ frame: "frame", timestampColumn: "at", views }));
  expect(rows.map(({ v }) => v)).toEqual(["it's", "it's"]);
});

function join(history: History, plan: JoinPlan): string {
  const columns = history.features.map(({ name }, feature) => ({ feature, as: name, filled: undefined }));
  return trainingSql({ frame: "frame", timestampColumn: "ts", views: [{ history, plan, columns }] });
}

function toStored<T extends { ts: number | null; created?: number | null }>(row: T): object {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return { ...row, ts: iso(row.ts), ...(row.created === undefined ? {} : { created: iso(row.created) }) };
}

function mine(events: readonly EventRow[], { origin, route, ts }: EntityRow): (EventRow & { ts: number })[] {
  if (origin === null || route === null || ts === null) return [];
  return events.filter(
    (one): one is EventRow & { ts: number } =>
      one.origin === origin && one.route === route && one.ts !== null,
  );
}

/** The rule in the plainest words: look at every row there is. */
function newestOf(events: readonly EventRow[], entity: EntityRow, ttlMs: number | null) {
  let best: (EventRow & { ts: number }) | undefined;
  const at = entity.ts ?? 0;
  for (const one of mine(events, entity)) {
    if (one.ts > at || (ttlMs !== null && one.ts < at - ttlMs)) continue;
    if (best === undefined || isNewer(one, best)) best = one;
  }
  return { x: best?.x ?? null, word: best?.word ?? null };
}

function isNewer(a: EventRow & { ts: number }, b: EventRow & { ts: number }): boolean {
  const order = [a.ts - b.ts, compare(a.created, b.created), compare(a.x, b.x), compare(a.word, b.word)];
  return (order.find((one) => one !== 0) ?? 0) > 0;
}

function compare<T extends string | number>(a: T | null, b: T | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return Number(a > b) - Number(a < b);
}

function windowsOf(events: readonly EventRow[], entity: EntityRow): Record<string, number | null> {
  const at = entity.ts ?? 0;
  const past = mine(events, entity).filter(({ ts }) => ts < at);
  return Object.fromEntries(
    windowFeatures.map((feature) => {
      if (feature.kind !== "window" || past.length === 0) return [feature.name, null];
      const inside = past.filter(({ ts }) => ts >= at - feature.windowMs);
      if (feature.column === undefined) return [feature.name, inside.length];
      const values = inside.flatMap(({ x }) => (x === null ? [] : [x]));
      return [feature.name, round(aggregate(feature.function, values))];
    }),
  );
}

function aggregate(call: string, values: readonly number[]): number | null {
  const n = values.length;
  if (call === "count") return n;
  if (n === 0) return null;
  const sum = values.reduce((a, b) => a + b, 0);
  if (call === "sum") return sum;
  if (call === "mean") return sum / n;
  if (call === "min") return Math.min(...values);
  if (call === "max") return Math.max(...values);
  if (n < 2) return null;
  return Math.sqrt(values.reduce((a, b) => a + (b - sum / n) ** 2, 0) / (n - 1));
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

function numbers(row: Record<string, unknown>): Record<string, number | null> {
  return Object.fromEntries(
    windowFeatures.map(({ name }) => [name, row[name] === null ? null : round(Number(row[name]))]),
  );
}

function named(row: Record<string, unknown>): Record<string, number | null> {
  return numbers(Object.fromEntries(windowFeatures.map(({ name }, i) => [name, row[`__f${i}`]])));
}
