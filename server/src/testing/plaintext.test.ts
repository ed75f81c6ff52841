import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openArtifacts } from "./artifacts.ts";
import { findPlaintext } from "./plaintext.ts";

const WORD = "melancholy-otter-4711";

test.each([
  ["as it is", Buffer.from(`xx${WORD}xx`)],
  ["as UTF-16", Buffer.from(`x${WORD}`, "utf16le")],
  ["as hexadecimal", Buffer.from(Buffer.from(WORD).toString("hex"))],
  ["as base64", Buffer.from(Buffer.from(`{"a":"${WORD}"}`).toString("base64"))],
  ["as base64, one byte further", Buffer.from(Buffer.from(`-{"a":"${WORD}"}`).toString("base64"))],
  ["as base64, two bytes further", Buffer.from(Buffer.from(`--{"a":"${WORD}"}`).toString("base64"))],
  ["across two windows", Buffer.concat([Buffer.alloc((1 << 20) - 5), Buffer.from(WORD)])],
])("a word is found %s", (_form, content) => {
  const folder = mkdtempSync(join(tmpdir(), "atrium-words-"));
  writeFileSync(join(folder, "file"), content);
  expect(findPlaintext(folder, [WORD]).finds).toEqual([`file: ${WORD}`]);
});

test("names and contents of artifacts stand nowhere on disk, not in the log, not in temporary files", async () => {
  const { put, artifacts, owner, directory, db } = await openArtifacts();
  await put(`runs/${WORD}/a.txt`, `the content says ${WORD}`);
  const { id } = await artifacts.uploads.create(owner, { projectId: "p1", path: `${WORD}.bin` });
  expect(id).toMatch(/^[0-9a-z]{26}$/);
  const { finds, bytes } = findPlaintext(directory, [WORD]);
  expect(finds).toEqual([]);
  expect(bytes).toBeGreaterThan(100);
  if (db.engine !== "sqlite") return;
  const [main] = (await sql<{ file: string }>`pragma database_list`.execute(db.reader.kysely)).rows;
  const log = findPlaintext(dirname(main?.file ?? ""), [WORD]);
  expect(log.finds).toEqual([]);
  expect(log.bytes).toBeGreaterThan(10_000);
});
