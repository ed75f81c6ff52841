import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "#ports/database";
import { openTestDatabase } from "../../testing/database.ts";
import { createAudit } from "./audit.ts";
import type { Audit } from "./door.ts";
import { leafHash, rootFromPath } from "./merkle.ts";
import { isSignedBy, parseCheckpoint } from "./note.ts";
import type { AuditActor, AuditEntry } from "./record.ts";

const ada: AuditActor = {
  kind: "user",
  id: "u1",
  name: "Ada",
  via: { kind: "session", id: "s1" },
  request: { id: "r1", ip: "192.0.2.7", userAgent: "test" },
};
const started = (id: string): AuditEntry => ({
  action: "run.started",
  resource: { type: "run", id },
  projectId: "p1",
});

/** Wraps by turning round: the tests need a keeper of keys, not secrecy. */
const secrets = {
  keyId: "test",
  wrap: async (key: Buffer) => Buffer.from(key).reverse().toString("base64"),
  unwrap: async (wrapped: string) => Buffer.from(wrapped, "base64").reverse(),
};

let db: Database;
let folder: string;
let audit: Audit;
let nowMs: number;

beforeEach(async () => {
  db = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "atrium-audit-"));
  nowMs = 1_700_000_000_000;
  audit = openAudit();
});

afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});

function openAudit(): Audit {
  return createAudit({ db, clock: { now: () => nowMs }, secrets, checkpointFile: checkpointFile() });
}

function checkpointFile(): string {
  return join(folder, "audit-checkpoints.txt");
}

async function recordRuns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await db.transaction((tx) => audit.record(tx, ada, started(`run-${i}`)));
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

async function tamper(statement: ReturnType<typeof sql>): Promise<void> {
  await db.transaction(async (tx) => {
    await statement.execute(tx.kysely);
  });
}

test("writers at the same time give one unbroken chain", async () => {
  const other = openAudit();
  const writers = Array.from({ length: 40 }, (_, i) =>
    db.transaction((tx) => (i % 2 === 0 ? audit : other).record(tx, ada, started(`run-${i}`))),
  );
  await Promise.all(writers);
  expect(await audit.verify()).toMatchObject({ intact: true, records: 40, unsignedRecords: 40 });
});

test("a change that is rolled back leaves no record", async () => {
  const failing = db.transaction(async (tx) => {
    await audit.record(tx, ada, started("run-x"));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect((await audit.verify()).records).toBe(0);
});

test("an intact trail verifies against both lists of checkpoints", async () => {
  await recordRuns(5);
  await audit.checkpoint();
  await recordRuns(3);
  await audit.checkpoint();
  await audit.checkpoint();
  await recordRuns(1);
  expect(await audit.verify()).toMatchObject({
    intact: true,
    records: 9,
    checkpoints: 2,
    outsideCheckpoints: 2,
    unsignedRecords: 1,
  });
});

test("an edited event is named", async () => {
  await recordRuns(6);
  await tamper(sql`update audit_records set event = replace(event, 'Ada', 'Eve') where seq = 3`);
  expect((await audit.verify()).fault).toMatchObject({ kind: "edited", seq: 3 });
});

test("a column that contradicts its event is named", async () => {
  await recordRuns(6);
  await tamper(sql`update audit_records set actor_id = 'u2' where seq = 4`);
  expect((await audit.verify()).fault).toMatchObject({ kind: "edited", seq: 4 });
});

test("a deleted record is named", async () => {
  await recordRuns(6);
  await tamper(sql`delete from audit_records where seq = 2`);
  expect((await audit.verify()).fault).toMatchObject({ kind: "missing", seq: 2 });
});

test("two records that changed places are named", async () => {
  await recordRuns(6);
  await tamper(sql`update audit_records set seq = 100 where seq = 2`);
  await tamper(sql`update audit_records set seq = 2 where seq = 3`);
  await tamper(sql`update audit_records set seq = 3 where seq = 100`);
  expect((await audit.verify()).fault).toMatchObject({ kind: "reordered", seq: 2 });
});

test("a cut tail is found although everything that spoke of it in the database was put back", async () => {
  await recordRuns(3);
  await audit.checkpoint();
  const [head] = (await sql`select size, hash, frontier from audit_head`.execute(db.reader.kysely)).rows as {
    size: number;
    hash: Buffer;
    frontier: Buffer;
  }[];
  await recordRuns(4);
  await audit.checkpoint();
  await tamper(sql`delete from audit_records where seq >= 3`);
  await tamper(sql`delete from audit_checkpoints where size > 3`);
  await tamper(
    sql`update audit_head set size = ${head?.size}, hash = ${head?.hash}, frontier = ${head?.frontier}`,
  );
  expect((await audit.verify()).fault).toMatchObject({ kind: "truncated", seq: 3 });
  await expect(audit.checkpoint()).rejects.toMatchObject({ code: "conflict" });
  nowMs += 1;
  await recordRuns(6);
  expect((await audit.verify()).fault).toMatchObject({ kind: "forked", seq: 3 });
});

test("a checkpoint with a changed signature is named", async () => {
  await recordRuns(3);
  await audit.checkpoint();
  const note = readFileSync(checkpointFile(), "utf8").replace("...\n", "");
  const forged = note.replace(/.{12}\n$/, "AAAAAAAAAA==\n");
  await tamper(sql`update audit_checkpoints set note = ${forged}`);
  expect((await audit.verify()).fault).toMatchObject({ kind: "unsigned", seq: 0 });
});

test("a record is proved to be in the signed tree by its proof alone", async () => {
  await recordRuns(300);
  const { proof, event, verifierKey } = await audit.prove(270);
  const end = proof.indexOf("\n\n");
  const [version, index, ...hashes] = proof.slice(0, end).split("\n");
  const note = proof.slice(end + 2);
  const checkpoint = parseCheckpoint(note);
  expect([version, index]).toEqual(["c2sp.org/tlog-proof@v1", "index 270"]);
  const path = hashes.map((hash) => Buffer.from(hash, "base64"));
  expect(rootFromPath(leafHash(event), { index: 270, size: 300 }, path)).toEqual(checkpoint?.root);
  const [name = "", , ...key] = verifierKey.split("+"); // The key's base64 may hold a + of its own.
  expect(isSignedBy(note, name, Buffer.from(key.join("+"), "base64").subarray(1))).toBe(true);
  await expect(audit.prove(300)).rejects.toMatchObject({ code: "not_found" });
});

test("reads of the same thing are recorded once a minute", async () => {
  const read: AuditEntry = { action: "artifact.read", resource: { type: "artifact", id: "a1" } };
  await Promise.all([audit.recordAccess(ada, read), audit.recordAccess(ada, read)]);
  await audit.recordAccess(ada, read);
  expect((await audit.verify()).records).toBe(1);
  nowMs += 60_000;
  await audit.recordAccess(ada, read);
  await audit.recordAccess({ ...ada, id: "u2" }, read);
  expect((await audit.verify()).records).toBe(3);
});

test("filters and pages find what they should", async () => {
  await recordRuns(5);
  await db.transaction((tx) =>
    audit.record(tx, ada, {
      action: "model.created",
      resource: { type: "model", id: "100%_sure" },
      outcome: "denied",
    }),
  );
  const page = { pageSize: 2 };
  const first = await audit.search({ action: "run." }, page);
  const second = await audit.search({ action: "run." }, { ...page, pageToken: first.nextToken });
  expect([...first.items, ...second.items].map((r) => r.resource.id)).toEqual([
    "run-4",
    "run-3",
    "run-2",
    "run-1",
  ]);
  expect((await audit.search({ outcome: "denied" }, page)).items[0]?.action).toBe("model.created");
  expect((await audit.search({ text: "0%_SURE" }, page)).items).toHaveLength(1);
  expect((await audit.search({ text: "0__SURE" }, page)).items).toHaveLength(0);
  expect((await audit.search({ projectId: "p2" }, page)).items).toEqual([]);
  expect((await audit.search({ fromMs: nowMs + 1 }, page)).items).toEqual([]);
});

test("exports are whole, and a name cannot become a formula or a row", async () => {
  const name = '=1+1,"x"\n';
  await db.transaction((tx) =>
    audit.record(tx, ada, { action: "run.renamed", resource: { type: "run", id: "r", name } }),
  );
  const csv = await textOf(audit.export({}, "csv"));
  expect(csv).toContain(`"'=1+1,""x""\n"`);
  const lines = (await textOf(audit.export({}, "ndjson"))).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).resource.name)).toEqual([name]);
});

test("details that are too large are told by their digest, and odd text is kept harmless", async () => {
  const odd = { ...ada, name: "a\0b\ud800" };
  const details = { text: "x".repeat(9000) };
  await db.transaction((tx) => audit.record(tx, odd, { ...started("r"), details }));
  const [record] = (await audit.search({}, { pageSize: 1 })).items;
  expect(record?.actor.name).toBe("a\ufffdb\ufffd");
  expect(record?.details).toMatchObject({ tooLarge: { bytes: 9011 } });
  expect((await audit.verify()).intact).toBe(true);
});
