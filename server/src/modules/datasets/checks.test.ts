import type { DatasetCheck } from "@atrium/contract/datasets";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import * as queries from "./queries.ts";
import { openDatasets } from "./testing.ts";

const ROWS = "id,age,town,at\n1,36,Paris,2026-01-01\n2,-5,Rome,2026-01-02\n2,300,rome,2026-01-03\n,,,\n";
let here: Awaited<ReturnType<typeof openDatasets>>;

const engine = openDuckdb(); // One for all: starting a child takes longer than any of these checks.
afterAll(() => engine.stop());

beforeEach(async () => {
  here = await openDatasets(engine);
  await here.create("people");
});
afterEach(() => here.db.close());

async function judge(check: Partial<DatasetCheck> & { kind: string }, rows = ROWS) {
  const checks = [{ name: "it", severity: "error", ...check } as DatasetCheck];
  await here.datasets.update(here.owner, here.at("people"), { checks });
  const { version } = await here.ready("people", rows);
  const [result] = await here.versions.checkResults(here.owner, { ...here.at("people"), version });
  return result;
}

test.each([
  [{ kind: "not-null", column: "id" }, 1],
  [{ kind: "unique", columns: ["id"] }, 2],
  [{ kind: "unique", columns: ["id", "town"] }, 0],
  [{ kind: "range", column: "age", min: 0, max: 150 }, 2],
  [{ kind: "range", column: "at", min: "2026-01-02" }, 1],
  [{ kind: "range", column: "town", max: "a" }, 1],
  [{ kind: "allowed-values", column: "town", values: ["Paris", "Rome"] }, 1],
  [{ kind: "allowed-values", column: "id", values: [1, 2] }, 0],
  [{ kind: "row-count", min: 4, max: 4 }, 0],
  [{ kind: "row-count", min: 5 }, 1],
  [{ kind: "regex", column: "town", pattern: "[A-Z][a-z]+" }, 1],
  [{ kind: "expression", sql: "age > 0 OR town = 'Rome' -- a comment" }, 1],
] as const)("%o finds %d", async (check, failedCount) => {
  const result = await judge(check as never);
  expect(result).toMatchObject({ failedCount, rowCount: 4, state: failedCount === 0 ? "passed" : "failed" });
  if (failedCount > 0 && check.kind !== "row-count") expect(result?.examples.length).toBeGreaterThan(0);
});

test("freshness counts from the making of the version", async () => {
  here.time.nowMs = Date.parse("2026-01-03T12:00:00Z");
  const fresh = { kind: "freshness", column: "at", hoursMax: 12 } as const;
  expect(await judge(fresh)).toMatchObject({ state: "passed" });
  here.time.nowMs += 3600 * 1000;
  const at = { ...here.at("people"), version: 1 };
  expect(await here.versions.runChecks(here.owner, at)).toMatchObject([{ state: "passed" }]);
  await here.datasets.update(here.owner, here.at("people"), {
    checks: [{ name: "it", severity: "error", ...fresh, hoursMax: 11 }],
  });
  expect(await here.versions.runChecks(here.owner, at)).toMatchObject([{ state: "failed" }]);
});

test.each([
  [{ kind: "not-null", column: "gone" }, /no column 'gone'/],
  [{ kind: "expression", sql: "nothing > 0" }, /nothing/],
  [{ kind: "expression", sql: "1) FROM data; DROP VIEW data --" }, /./],
  [{ kind: "range", column: "age", min: "tall" }, /tall/],
  [{ kind: "regex", column: "town", pattern: "(" }, /missing \)|regex/i],
] as const)("%o is broken, which is not passed", async (check, words) => {
  const result = await judge(check as never);
  expect(result).toMatchObject({ state: "broken", message: expect.stringMatching(words) });
  const certifying = here.versions.certify(here.owner, { ...here.at("people"), version: 1 }, "");
  await expect(certifying).rejects.toMatchObject({ code: "conflict", reason: "checks" });
});

test("examples are few and short, whatever the rows hold", async () => {
  const rows = `word\n${`${"x".repeat(5000)}\n`.repeat(50)}`;
  const result = await judge({ kind: "regex", column: "word", pattern: "y" } as never, rows);
  expect(result).toMatchObject({ failedCount: 50 });
  expect(result?.examples).toHaveLength(5);
  expect(JSON.stringify(result?.examples).length).toBeLessThan(2000);
});

test("what profile and examples hold of the rows is sealed in the database; what older servers wrote is still read", async () => {
  const found = await judge({ kind: "range", column: "age", min: 0, max: 150 });
  const at = { ...here.at("people"), version: 1 };
  const profile = await here.versions.profile(here.owner, at);
  expect(JSON.stringify(found?.examples)).toContain("Rome");
  expect(JSON.stringify(profile)).toContain("Paris");
  const { id: dataset_id } = await here.datasets.get(here.owner, here.at("people"));
  const of = { dataset_id, version: 1 };
  const kept = JSON.stringify([
    await queries.profileOf(here.db.reader, of),
    await queries.resultsOf(here.db.reader, of),
  ]);
  expect(kept).not.toMatch(/Paris|Rome|rome/);
  await here.db.transaction((tx) => queries.saveProfile(tx, { ...of, profile: JSON.stringify(profile) }));
  expect(await here.versions.profile(here.owner, at)).toEqual(profile);
});

test("a version is certified once its checks pass, and no longer when they fail", async () => {
  const at = { ...here.at("people"), version: 1 };
  await judge({ kind: "not-null", column: "town" } as never, "town\nParis\n");
  const certified = await here.versions.certify(here.owner, at, "looked at it");
  expect(certified.certification).toEqual({ by: "owner", atMs: here.time.nowMs, note: "looked at it" });
  await expect(here.versions.remove(here.owner, at, "unless-used")).rejects.toMatchObject({
    reason: "certified",
  });

  const stricter: DatasetCheck[] = [{ name: "more", severity: "error", kind: "row-count", min: 2 }];
  await here.datasets.update(here.owner, here.at("people"), { checks: stricter });
  await expect(here.versions.certify(here.owner, at, "")).rejects.toMatchObject({
    message: expect.stringContaining("has not run"),
  });
  await here.versions.runChecks(here.owner, at);
  expect((await here.versions.get(here.owner, at)).certification).toBeUndefined();
  expect(here.told.map(({ kind }) => kind).slice(-3)).toEqual([
    "dataset.updated",
    "dataset.checked",
    "dataset.withdrawn",
  ]);

  const warning: DatasetCheck[] = [{ name: "more", severity: "warning", kind: "row-count", min: 2 }];
  await here.datasets.update(here.owner, here.at("people"), { checks: warning });
  await here.versions.runChecks(here.owner, at);
  expect((await here.versions.certify(here.owner, at, "")).checks).toEqual({
    passed: 0,
    failed: 0,
    warned: 1,
  });
  expect((await here.versions.withdraw(here.owner, at, "changed my mind")).certification).toBeUndefined();
  await expect(here.versions.withdraw(here.owner, at, "")).rejects.toMatchObject({ code: "conflict" });
});

test("a version that failed or is pending is not certified", async () => {
  await here.upload("people", "not parquet", "parquet");
  const at = { ...here.at("people"), version: 1 };
  await expect(here.versions.certify(here.owner, at, "")).rejects.toMatchObject({
    code: "conflict",
    reason: "pending",
  });
  await here.prepare();
  await expect(here.versions.certify(here.owner, at, "")).rejects.toMatchObject({
    code: "conflict",
    reason: "failed",
  });
});

test("bounds that nothing can keep are refused when they are declared", async () => {
  for (const bounds of [{}, { min: 5, max: 4 }]) {
    const check = { name: "it", severity: "error", kind: "row-count", ...bounds } as const;
    const declared = here.datasets.update(here.owner, here.at("people"), { checks: [check] });
    await expect(declared).rejects.toMatchObject({ code: "invalid" });
  }
});
