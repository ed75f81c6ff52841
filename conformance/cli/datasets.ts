import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_FAILURE, type Walk } from "./lib/walk.ts";

const CHECKS = '[{"name": "ids", "kind": "unique", "columns": ["id"]}]';

interface Version {
  version: number;
  state: string;
  rowCount?: number;
  certification?: { note: string };
}

/** A file becomes a version that is looked into, checked and vouched for. */
export async function datasets({ checks, home, json, atrium }: Walk): Promise<void> {
  const file = join(home, "cities.csv");
  writeFileSync(file, "id,city\n1,Oslo\n2,Lima\n3,Oslo\n");
  await json("datasets create", "cities", "--checks", CHECKS);
  const made = await json<Version>("datasets upload", "cities", file);
  const shown = await json<object>("datasets show", "cities");
  checks.that("datasets upload waits for the version", made?.state === "ready" && made.rowCount === 3, made);
  checks.that("datasets show tells of it", /cities/.test(JSON.stringify(shown)), shown);
  const rows = await json<{ rows: unknown[][] }>("datasets preview", "cities", "--limit", "2");
  const sql = "select count(distinct city) from data";
  const counted = await json<{ rows: unknown[][] }>("datasets preview", "cities", sql);
  checks.that(
    "datasets preview shows rows, and answers a question",
    rows?.rows.length === 2 && Number(counted?.rows[0]?.[0]) === 2,
    { rows, counted },
  );
  const results = await json<{ items: { state: string }[] }>("datasets checks", "cities", "--run");
  checks.that("datasets checks runs them", results?.items[0]?.state === "passed", results);
  const vouched = await json<Version>("datasets certify", "cities", "--note", "looked at");
  const withdrawn = await json<Version>("datasets certify", "cities", "--withdraw");
  checks.that(
    "datasets certify vouches for it and takes that back",
    vouched?.certification?.note === "looked at" && withdrawn?.certification === undefined,
    { vouched, withdrawn },
  );
  const broken = join(home, "broken.parquet");
  writeFileSync(broken, "PAR1 and no more");
  const refused = await atrium(["datasets", "upload", "cities", broken]);
  checks.that(
    "a file that cannot be read is told so",
    refused.code === EXIT_FAILURE && /cannot be read: \S/.test(refused.stderr),
    refused,
  );
}
