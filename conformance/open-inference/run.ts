/**
 * Endpoints with models that users' own tools made, asked by unmodified clients: Open Inference Protocol and MLflow's scoring.
 *   PYTHON=… node conformance/open-inference/run.ts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChecks } from "../faults/lib/checks.ts";
import { startServer } from "../lib/server.ts";
import { bad } from "./bad.ts";
import { clients } from "./clients.ts";
import { entities } from "./entities.ts";
import { faults } from "./faults.ts";
import { python } from "./lib/atrium.ts";
import { traffic } from "./traffic.ts";

if (process.env.PYTHON === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

const dataDirectory = mkdtempSync(join(tmpdir(), "atrium-serving-"));
const start = { dataDirectory, databaseUrl: process.env.ATRIUM_DATABASE_URL };
const checks = createChecks();
let server = await startServer(start);
try {
  await timed("models", () => python(server, [join(import.meta.dirname, "models.py")]));
  await timed("clients", () => clients(checks, server));
  await timed("bad", () => bad(checks, server));
  await timed("traffic", () => traffic(checks, server));
  await timed("entities", () => entities(checks, server));
  await timed("faults", async () => {
    server = await faults(checks, server, () => startServer(start));
  });
} finally {
  await server.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
}
checks.end();

async function timed(part: string, run: () => Promise<unknown>): Promise<void> {
  const begunMs = performance.now();
  await run();
  checks.figure(`${part}: ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
}
