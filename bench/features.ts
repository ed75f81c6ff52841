/*
 * Online reads and the point-in-time join, each beside the bare engine in the same run, online reads beside `feast serve`
 * too; prints CPU, wall and ratios. PYTHON names an interpreter with conformance/feast/requirements.txt.
 *   node bench/features.ts [--entities 100000] [--views 3] [--rows 1000000] [--keys 100000] [--runs 3] [--only online|joins]
 * The large run of the plan is --entities 1000000 --rows 10000000 --keys 1000000; it takes some 8 GiB of memory.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { History } from "../server/src/modules/feature-store/history-sql.ts";
import { choosePlan, shapeSql, trainingSql } from "../server/src/modules/feature-store/training-sql.ts";
import { featuresOf } from "../server/src/modules/feature-store/window.ts";
import { online } from "./lib/online.ts";
import { type Spent, spent } from "./lib/spent.ts";

const { values: flags } = parseArgs({
  options: {
    entities: { type: "string", default: "100000" },
    views: { type: "string", default: "3" },
    rows: { type: "string", default: "1000000" },
    keys: { type: "string", default: "100000" },
    runs: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
});
const FEATURES = 20;
const TTL_MS = 7 * 86_400_000;
const fromServer = createRequire(new URL("../server/package.json", import.meta.url));
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), "atrium-bench-"));
const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  if (flags.only !== "joins") await online(folder, process.env.PYTHON);
  if (flags.only !== "online") await joins();
} finally {
  rmSync(folder, { recursive: true });
}

/** The statement that a training set runs, and the same join written by hand, in one engine without a child process. */
async function joins(): Promise<void> {
  const { DuckDBInstance } = fromServer(
    "@duckdb/node-api",
  ) as typeof import("../server/node_modules/@duckdb/node-api/lib/index.js");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const [entities, rows, keys, views] = [flags.entities, flags.rows, flags.keys, flags.views].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const moment = (i: string) => `make_timestamp(1767225600000000 + (hash(${i}, 1) % 2592000000000)::BIGINT)`;
  await connection.run(`create table frame as
    select (hash(i) % ${keys})::BIGINT as k, ${moment("i")} as at from range(${entities}) t(i)`);
  const histories: History[] = [];
  for (let view = 0; view < views; view += 1) {
    const count = Math.ceil(FEATURES / views);
    const columns = Array.from({ length: count }, (_, i) => `random() as f${view}_${i}`);
    await connection.run(`create table v${view} as select (hash(i, ${view}) % ${keys})::BIGINT as k,
      ${moment(`i + ${(view + 1) * rows}`)} as ts, ${columns.join(", ")} from range(${rows}) t(i)`);
    const features = columns.map((_, i) => ({
      name: `f${view}_${i}`,
      type: "float64" as const,
      description: "",
    }));
    histories.push({
      tables: [`v${view}`],
      joinKeys: [{ name: "k", type: "int64" }],
      timestampColumn: "ts",
      createdColumn: undefined,
      ttlMs: TTL_MS,
      features: featuresOf({ features, aggregations: [] }),
    });
  }
  const joined = [];
  for (const history of histories) {
    const shape = (await connection.runAndReadAll(shapeSql(history))).getRows()[0]?.map(Number) ?? [];
    const plan = choosePlan(history, shapeOf(shape));
    const columns = history.features.map(({ name }, feature) => ({ feature, as: name, filled: undefined }));
    joined.push({ history, plan, columns });
  }
  const into = (file: string, sql: string) => `copy (${sql}) to '${join(folder, file)}' (format parquet)`;
  const ours = trainingSql({ frame: "frame", timestampColumn: "at", views: joined });
  const statements = [
    ["ours", ours],
    ["asof", asofByHand(histories)],
    ["hash", hashByHand(histories)],
  ] as const;
  const best: Record<string, Spent> = {};
  for (let run = 0; run < Number(flags.runs); run += 1) {
    for (const [name, sql] of statements) {
      const now = await spent(() => connection.run(into(`${name}.parquet`, sql)));
      const had = best[name];
      if (had === undefined || now.cpuMs < had.cpuMs) best[name] = now;
    }
  }
  const differs = await connection.runAndReadAll(`select count(*) from (
    (select * from '${join(folder, "ours.parquet")}' except all select * from '${join(folder, "asof.parquet")}'))`);
  const names = { ours: "ours", asof: "bare, ASOF join", hash: "bare, hash join and row_number" };
  for (const [name, { cpuMs, wallMs }] of Object.entries(best)) {
    const shown = names[name as keyof typeof names];
    say(`join ${(wallMs / 1000).toFixed(2)} s, ${(cpuMs / 1000).toFixed(2)} CPU-s  ${shown}`);
  }
  const to = (name: string) => ((best.ours?.cpuMs ?? 0) / (best[name]?.cpuMs ?? 1)).toFixed(2);
  const plans = joined.map(({ plan }) => plan).join(", ");
  say(`              ${entities} entity rows × ${views} views × ${rows} rows, plans ${plans}`);
  say(`              ratio ${to("asof")} to ASOF, ${to("hash")} to the hash join by hand`);
  const peakGib = process.resourceUsage().maxRSS / 2 ** 20;
  say(
    `              rows that differ ${String(differs.getRows()[0]?.[0])}; peak memory ${peakGib.toFixed(1)} GiB`,
  );
  connection.closeSync();
}

function shapeOf([rows = 0, keys = 0, first = 0, last = 0, whole = 0]: readonly number[]) {
  return { rows, keys, spanMs: (last - first) / 1000, whole: whole === 1 };
}

/** As the manual shows it: the newest row not after each entity row's time, and no value where that is too old. */
function asofByHand(histories: readonly History[]): string {
  const columns = histories.flatMap(({ tables: [table = ""], features }) =>
    features.map(
      ({ name }) => `case when ${table}.ts >= e.at - interval 7 days then ${table}.${name} end as ${name}`,
    ),
  );
  const joined = histories.map(
    ({ tables: [table = ""] }) => `asof left join ${table} on e.k = ${table}.k and e.at >= ${table}.ts`,
  );
  return `with e as materialized (select row_number() over () as id, * from frame)
    select e.k, e.at, ${columns.join(", ")} from e ${joined.join(" ")} order by e.id`;
}

function hashByHand(histories: readonly History[]): string {
  const parts = histories.map(({ tables: [table = ""], features }) => {
    const names = features.map(({ name }) => name).join(", ");
    return `${table}_m as (select id, ${names} from (select e.id, v.*,
      row_number() over (partition by e.id order by v.ts desc) as n
      from e join ${table} v on e.k = v.k and v.ts <= e.at and v.ts >= e.at - interval 7 days) where n = 1)`;
  });
  const columns = histories.flatMap(({ tables: [table = ""], features }) =>
    features.map(({ name }) => `${table}_m.${name}`),
  );
  const left = histories.map(({ tables: [table = ""] }) => `left join ${table}_m using (id)`);
  return `with e as materialized (select row_number() over () as id, * from frame), ${parts.join(", ")}
    select e.k, e.at, ${columns.join(", ")} from e ${left.join(" ")} order by id`;
}
