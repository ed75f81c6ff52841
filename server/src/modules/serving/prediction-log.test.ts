import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#lib/clock";
import { createLog } from "#lib/log";
import { createMetrics } from "#lib/metrics";
import { openDiskBlobs } from "../../ports/blobs/disk.ts";
import { openTestDatabase, type TestDatabase } from "../../testing/database.ts";
import type { ServingDeps } from "./deps.ts";
import type { LiveDeployment, LiveEndpoint } from "./live.ts";
import * as logQueries from "./log-queries.ts";
import { predictionIds } from "./prediction-id.ts";
import { createPredictionLog } from "./prediction-log.ts";
import * as queries from "./queries.ts";

const FLUSHED_MS = 5000; // The log is flushed after 0.2 s; this only bounds a wait.

let folder: string;
let db: TestDatabase;
let said: string[];
let counted: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "atrium-prediction-log-"));
  db = await openTestDatabase();
  said = [];
  counted = 0;
  await db.transaction((tx) =>
    queries.addEndpoint(tx, {
      ...{ id: "e1", project_id: "p1", name: "flight-delay", description: "", input: "{}", revision: 0 },
      ...{ last_deployment: 0, example: "", created_by: "ada", created_ms: 0, updated_ms: 0 },
    }),
  );
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const keys = { keyOf: async (projectId: string) => createHash("sha256").update(projectId).digest() };
const journals = () => join(folder, "journals");

/** One process's log on the folder. Nothing else of what serving stands on is asked by it. */
async function openLog() {
  const segments = await openDiskBlobs({ directory: join(folder, "segments"), keys });
  const log = createLog({ format: "json", level: "debug", stream: new PassThrough(), clock: systemClock });
  const given = {
    ...{ db, clock: systemClock, log, metrics: createMetrics(), projects: { keys }, segments },
    ...{ journalDirectory: journals(), writers: "one" as const, events: { announce: async () => {} } },
  };
  return createPredictionLog(given as unknown as ServingDeps, {
    endpointLog: { lost: (_live, rows, why) => said.push(`${rows}: ${why}`) },
    numbers: {
      lost: (_live, rows) => {
        counted += rows;
      },
    },
  });
}

function answered(id: string, rows = 1) {
  const live = {
    id: "e1",
    projectId: "p1",
    name: "flight-delay",
    idKey: Buffer.alloc(32, 7),
  } as LiveEndpoint;
  const deployment = { id: "d1", number: 1, model: { name: "m", version: 2 } } as LiveDeployment;
  const cells = () => ({
    inputs: { a: Array(rows).fill(1.5) },
    outputs: { prediction: Array(rows).fill(3) },
  });
  const ids = predictionIds(live.idKey, { endpointId: live.id, id, rows });
  const about = { marks: undefined, times: undefined, status: 200, latencyMs: 2, atMs: Date.now(), cells };
  return { live, deployment, ids, rows, ...about };
}

async function stored(): Promise<number> {
  const all = await logQueries.newestSegments(db.reader, "e1", { before: undefined, limit: 100 });
  return all.reduce((sum, one) => sum + one.predictions, 0);
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + FLUSHED_MS;
  while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

const journalBytes = () =>
  readdirSync(journals(), { withFileTypes: true }).reduce(
    (sum, { name }) => sum + readFileSync(join(journals(), name)).length,
    0,
  );

test("what a killed process left in its journal becomes one segment, once", async () => {
  const killed = await openLog();
  killed.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz1", 3));
  await until(() => readdirSync(folder).includes("journals") && journalBytes() > 0);
  const [name = ""] = readdirSync(journals());
  const copy = readFileSync(join(journals(), name));
  const next = await openLog();
  await next.start();
  expect(await stored()).toBe(3);
  expect(readdirSync(journals())).toEqual([]);
  // As after a crash between the segment's commit and the journal's removal.
  writeFileSync(join(journals(), name), copy);
  expect(await next.settle("e1")).toBeUndefined();
  expect(await stored()).toBe(3);
  await next.stop();
});

test("a frame that was cut off loses itself alone", async () => {
  const killed = await openLog();
  killed.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz1", 2));
  await until(() => readdirSync(folder).includes("journals") && journalBytes() > 0);
  const whole = journalBytes();
  killed.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz2", 5));
  await until(() => journalBytes() > whole);
  const [name = ""] = readdirSync(journals());
  writeFileSync(join(journals(), name), readFileSync(join(journals(), name)).subarray(0, -1));
  const next = await openLog();
  await next.start();
  expect(await stored()).toBe(2);
  await next.stop();
});

test("what cannot be written is counted, and said with its reason", async () => {
  writeFileSync(journals(), "a file where a folder should be");
  const log = await openLog();
  log.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz1", 4));
  await until(() => said.length > 0);
  expect([log.notLogged("e1"), log.notLogged("other"), counted]).toEqual([4, 0, 4]);
  expect(said[0]).toMatch(/^4: /);
  rmSync(journals());
  log.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz2"));
  expect(await log.settle("e1")).toBeUndefined();
  expect([await stored(), counted]).toEqual([1, 4]);
  await log.stop();
});

test("a segment that cannot be stored waits in its journal, and whoever reads is told", async () => {
  const log = await openLog();
  const place = join(folder, "segments/tmp");
  renameSync(place, `${place}-away`);
  log.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz1", 2));
  expect(await log.settle("e1")).toMatchObject({ code: "unavailable" });
  expect([await stored(), log.notLogged("e1"), readdirSync(journals()).length]).toEqual([0, 0, 1]);
  mkdirSync(place, { mode: 0o700 });
  expect(await log.settle("e1")).toBeUndefined();
  expect([await stored(), readdirSync(journals()).length]).toEqual([2, 0]);
  await log.stop();
});

test("counts of what is no segment yet are there, and no look at them makes one", async () => {
  const log = await openLog();
  log.add(answered("01hzzzzzzzzzzzzzzzzzzzzzz1", 2));
  log.add({ ...answered("01hzzzzzzzzzzzzzzzzzzzzzz2"), status: 503 });
  const open = await log.withOpenMinutes("e1", async (minutes) => minutes);
  expect(open.map(({ predictions, errors }) => [predictions, errors])).toEqual([[3, 1]]);
  expect(await stored()).toBe(0);
  await log.stop();
  expect(await stored()).toBe(3);
  expect(await log.withOpenMinutes("e1", async (minutes) => minutes)).toEqual([]);
});
