import { spawnSync } from "node:child_process";
import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, until } from "./lib/atrium.ts";

const AWAY_MS = 6000; // Longer than what is known of tokens and rights counts as fresh.
const BODY = { instances: [{ a: 1, b: 0.5, n: 1 }] };
const RIDE = { instances: [{ driver_id: 1, hour: 2, city: "Bern" }] };

/** Predictions go on while PostgreSQL takes no connections. SQLite lies in the server itself and is never away. */
export async function away(checks: Checks, server: Server, databaseUrl: string): Promise<void> {
  const comesBack = turnAway(databaseUrl);
  const answers: { status: number; body: { predictions?: { predictionId: string }[] } }[] = [];
  const begunMs = performance.now();
  try {
    while (performance.now() - begunMs < AWAY_MS) {
      answers.push(await ask(server, "POST /serving/by-onnx/predict", BODY));
      answers.push(await ask(server, "POST /serving/rides/predict", RIDE));
      answers.push(
        await ask(server, "POST /serving/by-pyfunc/invocations", { dataframe_records: BODY.instances }),
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    comesBack();
  }
  const failed = answers.filter(({ status }) => status !== 200);
  checks.that("predictions go on while the database is away", failed.length === 0 && answers.length > 0, {
    asked: answers.length,
    failed: failed.slice(0, 3),
  });
  const last = answers.at(-3)?.body.predictions?.[0]?.predictionId;
  const logged = await until(
    () => ask(server, `GET /api/atrium/v1/endpoints/by-onnx/predictions/${last}`),
    ({ status }) => status === 200,
    60_000,
  );
  checks.that("and are in the log when it is back", logged.status === 200, logged.body);
}

function turnAway(url: string): () => void {
  const name = new URL(url).pathname.slice(1);
  const elsewhere = Object.assign(new URL(url), { pathname: "postgres" }).href;
  const sql = (text: string) => {
    const done = spawnSync("psql", [elsewhere, "-qc", text], { encoding: "utf8" });
    if (done.status !== 0) throw new Error(`psql: ${done.error?.message ?? done.stderr}`);
  };
  sql(`alter database "${name}" with allow_connections false`);
  sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
  return () => sql(`alter database "${name}" with allow_connections true`);
}
