/**
 * The unmodified prometheus-api-client, and a real Prometheus with the same samples where the machine has one, against a
 * server started for them; PYTHON names the interpreter.
 *   node conformance/prometheus/run.ts [--record FILE]
 * `--record` keeps what the real one answered, for the tests of our engine.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createChecks } from "../faults/lib/checks.ts";
import { type Answer, ask, type Login } from "../faults/lib/client.ts";
import { startServer } from "../lib/server.ts";
import { ORDERED, QUERIES, REFUSED } from "./queries.ts";
import { type RealPrometheus, startPrometheus } from "./real.ts";
import { asSeries, BOUNDS, type Histogram, type Samples, type Series, samplesFrom } from "./samples.ts";

const AGO_MS = 3_600_000;
const TOLERANCE = 1e-9; // They add in another order than we do, here and there.

interface Envelope {
  status: string;
  errorType?: string;
  error?: string;
  data?: { resultType: string; result: unknown };
}

const { values: flags } = parseArgs({ options: { record: { type: "string" } } });
const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");
const checks = createChecks();
const baseS = Math.floor((Date.now() - AGO_MS) / 1000);
const samples = samplesFrom(baseS * 1000);
const instant = { time: String(baseS + 1000) };
// Where a series begins within a range, version 3 prolongs it to zero in another order than version 2.
const range = { start: String(baseS + 650), end: String(baseS + 1600), step: "75" };
const server = await startServer({ databaseUrl: process.env.ATRIUM_DATABASE_URL });
const ours: Login = { url: `${server.url}`, token: server.token };
try {
  await bring(samples);
  clientOf(python);
  const real = await startPrometheus(asSeries(samples));
  if (real === undefined) checks.notRun("no prometheus on this machine to compare with");
  else await compareWith(real).finally(real.stop);
} finally {
  await server.stop();
}
checks.end();

/** As a sender brings them. */
async function bring({ counters, gauges, histograms }: Samples): Promise<void> {
  const metrics = [
    ...gauges.map((series) => ({ name: series.labels.__name__, gauge: { dataPoints: numbersOf(series) } })),
    ...counters.map((series) => ({
      name: series.labels.__name__,
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: numbersOf(series) },
    })),
    ...histograms.map((histogram) => ({
      name: histogram.labels.__name__,
      histogram: { aggregationTemporality: 2, dataPoints: countsOf(histogram) },
    })),
  ];
  const answer = await ask(ours, {
    method: "POST",
    path: "/v1/metrics",
    body: { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] },
  });
  checks.that("all samples are taken", answer.status === 200 && answer.text === "{}", answer.text);
}

function attributesOf({ __name__: _, ...labels }: Record<string, string>) {
  return Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }));
}

function numbersOf({ labels, points }: Series) {
  return points.map(([atMs, value]) => ({
    timeUnixNano: `${atMs}000000`,
    attributes: attributesOf(labels),
    asDouble: Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : "Infinity",
  }));
}

function countsOf({ labels, points }: Histogram) {
  return points.map(({ atMs, counts, sum }) => ({
    timeUnixNano: `${atMs}000000`,
    attributes: attributesOf(labels),
    count: String(counts.reduce((all, count) => all + count, 0)),
    ...{ sum, bucketCounts: counts.map(String), explicitBounds: BOUNDS },
  }));
}

function clientOf(interpreter: string): void {
  const child = spawnSync(interpreter, ["-B", "client.py"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      PROMETHEUS_URL: `${server.url}/prometheus`,
      ATRIUM_TOKEN: server.token,
      BASE_S: String(baseS),
    },
  });
  checks.that("the client comes to its end", child.status === 0, child.stderr);
  if (child.status !== 0) return;
  const said = JSON.parse(child.stdout);
  const names = [...new Set(asSeries(samples).map(({ labels }) => labels.__name__))].sort();
  const capacity = { __name__: "capacity", host: "a" };
  checks.that("it finds the server there", said.connected === true);
  checks.that("it lists the metrics", isDeepStrictEqual(said.metrics, names), said.metrics);
  checks.that(
    "it lists the labels",
    isDeepStrictEqual(said.labels, ["__name__", "code", "host", "kind", "le", "room"]),
    said.labels,
  );
  checks.that("it lists a label's values", isDeepStrictEqual(said.hosts, ["a", "b"]), said.hosts);
  checks.that(
    "it lists series",
    isDeepStrictEqual(said.series, [capacity, { ...capacity, host: "b" }]),
    said.series,
  );
  checks.that("it reads a current value", said.current[0]?.value[1] === "50", said.current);
  checks.that(
    "it reads the samples of a range",
    said.range[0]?.values.length === 67,
    said.range[0]?.values.length,
  );
  checks.that(
    "it reads a query",
    isDeepStrictEqual(said.query, [{ metric: {}, value: [baseS + 1000, "50"] }]),
    said.query,
  );
  checks.that("it reads a query over a range", said.steps[0]?.values.length === 3, said.steps);
  checks.that("it reads metadata", said.metadata[0]?.type === "counter", said.metadata);
  checks.that(
    "it shows why a question is refused",
    /unsupported.*label_replace/.test(said.refusal),
    said.refusal,
  );
}

async function compareWith(real: RealPrometheus): Promise<void> {
  checks.figure(`compared with Prometheus ${real.version}`);
  const recorded: { query: string; instant: unknown; range: unknown }[] = [];
  for (const query of [...QUERIES, ...ORDERED]) {
    const order = ORDERED.some((one) => one === query) ? "counts" : "any";
    const theirs = await same(real, `/query?${new URLSearchParams({ query, ...instant })}`, { query, order });
    const path = `/query_range?${new URLSearchParams({ query, ...range })}`;
    const overTime = await same(real, path, { query: `${query} over time`, order: "any" });
    recorded.push({ query, instant: theirs.data, range: overTime.data });
  }
  await same(real, `/query?${new URLSearchParams({ query: "temperature[2m]", ...instant })}`, {
    query: "a range as it is",
    order: "any",
  });
  for (const query of REFUSED) {
    const path = `/query?${new URLSearchParams({ query, ...instant })}`;
    const [mine, theirs] = await both(real, path);
    const kinds = [mine, theirs].map(({ status, json }) => `${status} ${(json as Envelope).errorType}`);
    checks.that(`'${query}' is refused alike`, mine.status >= 400 && kinds[0] === kinds[1], [
      kinds,
      mine.text,
      theirs.text,
    ]);
  }
  for (const path of [
    "/labels",
    "/label/__name__/values",
    "/label/host/values",
    "/series?match[]=requests_total&match[]=odd",
  ]) {
    const asked = `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams({ start: String(baseS), end: String(baseS + 2000) })}`;
    const [mine, theirs] = (await both(real, asked)).map(({ json }) =>
      JSON.stringify(sorted((json as { data: unknown[] }).data)),
    );
    checks.that(`${path} lists the same`, mine === theirs, [mine, theirs]);
  }
  if (flags.record !== undefined)
    writeFileSync(
      flags.record,
      `${JSON.stringify({
        prometheus: real.version,
        ...{ baseS, instant, range },
        series: asSeries(samples).map(({ labels, points }) => ({
          labels,
          points: points.map(([at, value]) => [at, String(value)]),
        })),
        answers: recorded,
      })}\n`,
    );
}

function sorted(items: unknown[]): unknown[] {
  return items
    .map((item) => (typeof item === "object" ? JSON.stringify(Object.entries(item ?? {}).sort()) : item))
    .sort();
}

async function both(real: RealPrometheus, path: string): Promise<[Answer, Answer]> {
  return [
    await ask(ours, { path: `/prometheus/api/v1${path}` }),
    await ask({ url: real.url }, { path: `/api/v1${path}` }),
  ];
}

async function same(
  real: RealPrometheus,
  path: string,
  { query, order }: { query: string; order: "counts" | "any" },
): Promise<Envelope> {
  const [mine, theirs] = await both(real, path);
  const [a, b] = [mine, theirs].map(({ json }) => (json as Envelope).data);
  const equal =
    mine.status === theirs.status && a?.resultType === b?.resultType && alike(flat(a, order), flat(b, order));
  checks.that(`'${query}' gives the same`, equal, firstDifference(flat(a, order), flat(b, order)));
  return theirs.json as Envelope;
}

/** Series by their labels, or in their order, each with all its times and values. */
function flat(data: Envelope["data"], order: "counts" | "any"): [string, number[]][] {
  if (data?.resultType === "scalar") return [["", (data.result as string[]).map(numberOf)]];
  const result = (data?.result ?? []) as { metric: object; value?: unknown[]; values?: unknown[][] }[];
  const series = result.map(({ metric, value, values }): [string, number[]] => [
    JSON.stringify(Object.entries(metric).sort(([x], [y]) => (x < y ? -1 : 1))),
    (values ?? [value ?? []]).flat().map(numberOf),
  ]);
  return order === "counts" ? series : series.sort(([x], [y]) => (x < y ? -1 : 1));
}

function numberOf(value: unknown): number {
  return value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value);
}

function alike(a: [string, number[]][], b: [string, number[]][]): boolean {
  return (
    a.length === b.length &&
    a.every(([name, values], i) => {
      const [other, others = []] = b[i] ?? [];
      return (
        name === other &&
        values.length === others.length &&
        values.every((value, at) => near(value, others[at] ?? 0))
      );
    })
  );
}

/** Where two answers part: ours, theirs. */
function firstDifference(a: [string, number[]][], b: [string, number[]][]): unknown {
  for (const [i, [name, values]] of a.entries()) {
    const [other, others = []] = b[i] ?? [];
    const at = values.findIndex((value, place) => !near(value, others[place] ?? Number.NaN));
    if (name !== other || values.length !== others.length) return [name, other, values.length, others.length];
    if (at >= 0)
      return { name, at, ours: values.slice(at - 1, at + 1), theirs: others.slice(at - 1, at + 1) };
  }
  return [a.length, b.length];
}

function near(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b), 1e-3);
}
