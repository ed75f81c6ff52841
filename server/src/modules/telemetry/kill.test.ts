import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { openSqlite } from "../../ports/database/sqlite.ts";
import { findPlaintext } from "../../testing/plaintext.ts";
import * as queries from "./queries.ts";

// A process that writes a numbered line every five milliseconds and says so once it has been taken.
const WRITER = `
  const { openTelemetry } = await import(${JSON.stringify(join(import.meta.dirname, "../../testing/telemetry.ts"))});
  const t = await openTelemetry();
  let i = 0;
  setInterval(() => {
    t.telemetry.write([{ projectId: "p1", level: "info", message: "plain-words-here " + i, labels: { run: "plain-label-here" } }]);
    process.stdout.write(i + " " + Date.now() + "\\n");
    i += 1;
  }, 5);
`;

test("a process that is killed loses at most the last second of its log, and leaves nothing readable", {
  timeout: 30_000, // Another program is started, on a machine that may be busy.
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "atrium-killed-"));
  const writer = spawn(process.execPath, ["--input-type=module", "-e", WRITER], {
    env: { ...process.env, TMPDIR: folder, ATRIUM_TEST_ENGINE: undefined },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((go) => writer.once("exit", go));
  const said: { line: number; atMs: number }[] = [];
  for await (const text of createInterface({ input: writer.stdout })) {
    const [line = 0, atMs = 0] = text.split(" ").map(Number);
    said.push({ line, atMs });
    if (atMs - (said[0]?.atMs ?? 0) > 2600) writer.kill("SIGKILL");
  }
  await ended;

  const place = readdirSync(folder).find((name) => name.startsWith("atrium-test-"));
  const { finds, bytes } = findPlaintext(folder, ["plain-words-here", "plain-label-here"]);
  expect(finds).toEqual([]);
  expect(bytes).toBeGreaterThan(10_000);
  const db = openSqlite({ file: join(folder, place ?? "", "test.db"), key: Buffer.alloc(32, 1) });
  const asked = { kind: "log" as const, projectIds: ["p1"], fromMs: 0, toMs: 2e12, limit: 100 };
  const rows = await queries.logsWithin(db.reader, asked);
  await db.close();
  const stored = rows.reduce((sum, row) => sum + row.lines, 0);
  const lastStored = said.find(({ line }) => line === stored - 1);
  const killedMs = said.at(-1)?.atMs ?? 0;
  expect(stored).toBeGreaterThan(0);
  // The second, and room for a busy machine between the timer and the disk.
  expect(killedMs - (lastStored?.atMs ?? 0)).toBeLessThan(1000 + 700);
  rmSync(folder, { recursive: true, force: true });
});
