/**
 * Server CPU per request for the work an mlflow client does, ours beside `mlflow server` and beside bare SQLite:
 *   node bench/tracking.ts [--python PATH-TO-PYTHON-WITH-MLFLOW] [--runs 10000]
 * It prints ratios; it asserts nothing about time.
 */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { type Peer, startAtrium, startMlflow } from "./lib/servers.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    runs: { type: "string", default: "10000" },
    "peer-runs": { type: "string", default: "1000" },
  },
});

interface Workload {
  name: string;
  times: number;
  once(peer: Peer, round: number): Promise<void>;
}

const METRICS = Array.from({ length: 20 }, (_, i) => `metric_${i}`);
const PARAMS = Array.from({ length: 10 }, (_, i) => ({ key: `param_${i}`, value: `value ${i}` }));

/** Reads, or writes where there is a body. */
async function call(peer: Peer, path: string, body?: unknown): Promise<Record<string, never>> {
  const answer = await fetch(`${peer.url}/api/2.0/mlflow/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...peer.headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${peer.name} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, never>;
}

async function createRun(peer: Peer, experiment: string): Promise<string> {
  const made = (await call(peer, "runs/create", {
    experiment_id: experiment,
    start_time: Date.now(),
    tags: [],
  })) as unknown as { run: { info: { run_id: string } } };
  return made.run.info.run_id;
}

async function seed(peer: Peer, runs: number): Promise<{ experiment: string; series: string }> {
  const made = (await call(peer, "experiments/create", {
    name: `bench ${Date.now()}`,
  })) as unknown as { experiment_id: string };
  const experiment = made.experiment_id;
  const one = async (i: number): Promise<void> => {
    const run = await createRun(peer, experiment);
    const metrics = METRICS.map((key, k) => ({
      key,
      value: Math.sin(i + k),
      timestamp: 1_700_000_000_000 + i,
      step: 0,
    }));
    await call(peer, "runs/log-batch", { run_id: run, metrics, params: PARAMS, tags: [] });
  };
  for (let i = 0; i < runs; i += 8) await Promise.all(Array.from({ length: 8 }, (_, k) => one(i + k)));
  const series = await createRun(peer, experiment);
  for (let from = 0; from < 10_000; from += 1000) await call(peer, "runs/log-batch", batch(series, from));
  return { experiment, series };
}

function batch(run: string, from: number): object {
  const metrics = Array.from({ length: 1000 }, (_, i) => ({
    key: "loss",
    value: 1 / (from + i + 1),
    timestamp: 1_700_000_000_000 + from + i,
    step: from + i,
  }));
  return { run_id: run, metrics, params: [], tags: [] };
}

function workloads(seeded: { experiment: string; series: string }, target: string): Workload[] {
  const { experiment, series } = seeded;
  const search = { experiment_ids: [experiment], max_results: 100 };
  return [
    { name: "create run", times: 200, once: async (peer) => void (await createRun(peer, experiment)) },
    {
      name: "log one metric",
      times: 200,
      once: async (peer, i) =>
        void (await call(peer, "runs/log-metric", {
          run_id: target,
          key: "one",
          value: i,
          timestamp: 1_700_000_000_000 + i,
          step: i,
        })),
    },
    {
      name: "log-batch of 1,000 metrics",
      times: 30,
      once: async (peer, i) => void (await call(peer, "runs/log-batch", batch(target, i * 1000))),
    },
    {
      name: "get run of 20 metrics",
      times: 100,
      once: async (peer) => void (await call(peer, `runs/get?run_id=${series}`)),
    },
    {
      name: "search 100 runs of 30 values",
      times: 20,
      once: async (peer) => void (await call(peer, "runs/search", search)),
    },
    {
      name: "the same, filtered and ordered by metrics",
      times: 20,
      once: async (peer) =>
        void (await call(peer, "runs/search", {
          ...search,
          filter: "metrics.metric_3 > 0.1 and params.param_1 = 'value 1'",
          order_by: ["metrics.metric_5 DESC"],
        })),
    },
    {
      name: "history of 10,000 points",
      times: 10,
      once: async (peer) =>
        void (await call(peer, `metrics/get-history?run_id=${series}&metric_key=loss&max_results=25000`)),
    },
  ];
}

interface Figure {
  cpuMs: number;
  wallMs: number;
}

async function measure(peer: Peer, workload: Workload): Promise<Figure> {
  for (let i = 0; i < 3; i += 1) await workload.once(peer, 100_000 + i);
  const cpu = peer.cpuMs();
  const began = performance.now();
  for (let i = 0; i < workload.times; i += 1) await workload.once(peer, i);
  return {
    cpuMs: (peer.cpuMs() - cpu) / workload.times,
    wallMs: (performance.now() - began) / workload.times,
  };
}

/** What the engine alone needs for the same writes and reads, one row a point, without a server, rights or audit. */
function bareEngine(): Map<string, number> {
  const file = `/tmp/bare-bench-${process.pid}.db`;
  const db = new DatabaseSync(file);
  db.exec("pragma journal_mode=WAL; pragma synchronous=FULL");
  db.exec(
    "create table run (id text primary key, doc text); create table point (run text, key text, step int, ts int, value real, primary key (run, key, step, ts)) without rowid",
  );
  const insertRun = db.prepare("insert into run values (?, ?)");
  const insertPoint = db.prepare("insert into point values (?, ?, ?, ?, ?)");
  const history = db.prepare("select ts, step, value from point where run = ? and key = ? order by ts");
  const hundred = db.prepare("select id, doc from run order by id limit 100");
  const doc = JSON.stringify({
    metrics: Object.fromEntries(METRICS.map((key) => [key, 0.5])),
    params: PARAMS,
  });
  let id = 0;
  const time = (times: number, work: () => void): number => {
    const from = process.cpuUsage();
    for (let i = 0; i < times; i += 1) work();
    const used = process.cpuUsage(from);
    return (used.user + used.system) / 1000 / times;
  };
  const thousand = (from: number) => {
    db.exec("begin");
    for (let i = 0; i < 1000; i += 1) insertPoint.run("r", "loss", from + i, from + i, 0.5);
    db.exec("commit");
  };
  const figures = new Map<string, number>();
  figures.set(
    "create run",
    time(1000, () => insertRun.run(String(id++), doc)),
  );
  figures.set(
    "log one metric",
    time(1000, () => insertPoint.run("one", "k", id, id++, 1)),
  );
  figures.set(
    "log-batch of 1,000 metrics",
    time(10, () => {
      id += 1000;
      thousand(id);
    }),
  );
  figures.set(
    "search 100 runs of 30 values",
    time(100, () => hundred.all()),
  );
  figures.set(
    "history of 10,000 points",
    time(20, () => history.all("r", "loss")),
  );
  db.close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
  return figures;
}

async function run(peer: Peer, runs: number): Promise<Map<string, Figure>> {
  try {
    const idle = peer.rssMib();
    const seeded = await seed(peer, runs);
    const target = await createRun(peer, seeded.experiment);
    const figures = new Map<string, Figure>();
    for (const workload of workloads(seeded, target))
      figures.set(workload.name, await measure(peer, workload));
    print(
      `${peer.name}: ${runs} runs, idle ${idle.toFixed(0)} MiB, afterwards ${peer.rssMib().toFixed(0)} MiB`,
    );
    return figures;
  } finally {
    await peer.stop();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const bare = bareEngine();
const ours = await run(await startAtrium(), Number(flags.runs));
const theirs =
  flags.python === undefined
    ? undefined
    : await run(await startMlflow(flags.python), Number(flags["peer-runs"]));

print(
  `\n${"server CPU ms a request".padEnd(44)}${"bare".padStart(9)}${"atrium".padStart(9)}${"mlflow".padStart(9)}${"mlflow/atrium".padStart(15)}`,
);
for (const [name, figure] of ours) {
  const peer = theirs?.get(name)?.cpuMs;
  const cells = [
    bare.get(name)?.toFixed(2) ?? "–",
    figure.cpuMs.toFixed(2),
    peer?.toFixed(1) ?? "–",
    peer === undefined ? "–" : `${(peer / figure.cpuMs).toFixed(0)}x`,
  ];
  print(name.padEnd(44) + cells.map((cell, i) => cell.padStart(i === 3 ? 15 : 9)).join(""));
}
