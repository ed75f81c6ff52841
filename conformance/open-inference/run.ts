/**
 * Endpoints with models that users' own tools made, asked by unmodified clients: Open Inference Protocol and MLflow's scoring.
 *   PYTHON=… node conformance/open-inference/run.ts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChecks } from "../faults/lib/checks.ts";
import { startServer } from "../lib/server.ts";
import { away } from "./away.ts";
import { bad } from "./bad.ts";
import { clients } from "./clients.ts";
import { commands } from "./commands.ts";
import { entities } from "./entities.ts";
import { faults } from "./faults.ts";
import { features } from "./features.ts";
import { fullDisk, mountLog } from "./full-disk.ts";
import { python } from "./lib/atrium.ts";
import { lineage } from "./lineage.ts";
import { misbehaving } from "./misbehaving.ts";
import { releases } from "./releases.ts";
import { telling } from "./telling.ts";
import { traffic } from "./traffic.ts";

if (process.env.PYTHON === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

const dataDirectory = mkdtempSync(join(tmpdir(), "atrium-serving-"));
const start = { dataDirectory, databaseUrl: process.env.ATRIUM_DATABASE_URL };
const checks = createChecks();
await (await startServer(start)).stop(); // A data folder is made by the server alone; only then a disk can be put into it.
const disk = mountLog(dataDirectory);
let server = await startServer(start);
try {
  let trainingSet = "";
  await timed("features", async () => {
    trainingSet = await features(server);
  });
  await timed("models", () => python(server, [join(import.meta.dirname, "models.py"), trainingSet]));
  await timed("clients", () => clients(checks, server));
  await timed("bad", () => bad(checks, server));
  await timed("misbehaving", () => misbehaving(checks, server));
  await timed("traffic", () => traffic(checks, server));
  await timed("releases", () => releases(checks, server));
  await timed("entities", () => entities(checks, server));
  await timed("lineage", () => lineage(checks, server));
  await timed("commands", () => commands(checks, server));
  await timed("telling", () => telling(checks, server));
  const { databaseUrl } = start;
  if (databaseUrl !== undefined) await timed("away", () => away(checks, server, databaseUrl));
  if (disk === undefined) checks.notRun("a full disk: this user may not mount a file system");
  else await timed("full disk", () => fullDisk(checks, server, disk.folder));
  await timed("faults", async () => {
    server = await faults(checks, server, () => startServer(start));
  });
} catch (thrown) {
  checks.that("the walk comes to its end", false, `${thrown}\n${server.output().slice(-3000)}`);
} finally {
  await server.stop();
  disk?.unmount();
  rmSync(dataDirectory, { recursive: true, force: true });
}
checks.end();

async function timed(part: string, run: () => Promise<unknown>): Promise<void> {
  const begunMs = performance.now();
  await run();
  checks.figure(`${part}: ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
}
