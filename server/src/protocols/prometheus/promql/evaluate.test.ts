import { expect, test } from "vitest";
import { evaluateAt, evaluateRange, type Load, type LoadedSeries } from "./evaluate.ts";
import { signatureOf } from "./labels.ts";
import { parseQuery } from "./parse.ts";

const M = 60_000;
/** Of each metric `[labels, samples every minute from 0]`; undefined leaves a minute out. */
const STORED: Record<string, [Record<string, string>, (number | undefined)[], number?][]> = {
  m: [[{}, Array.from({ length: 11 }, (_, i) => 7 * i + 3)]],
  r: [[{}, [0, 5, 10, 15, 20, 1, 6, 11, 16, 21], 13_000]],
  cpu: [
    [{ host: "a", core: "0" }, Array(11).fill(1)],
    [{ host: "a", core: "1" }, Array(11).fill(2)],
    [{ host: "b", core: "0" }, Array(11).fill(5)],
    [{ host: "c", core: "0" }, Array(11).fill(Number.NaN)],
  ],
  limit: [
    [{ host: "a" }, Array(11).fill(10)],
    [{ host: "b" }, Array(11).fill(4)],
  ],
  h_bucket: ["0.1", "0.5", "1", "+Inf"].map((le, i) => [{ le }, Array(11).fill([2, 10, 9, 20][i])]),
  gone: [[{}, [1, 2, 3]]],
};

const load: Load = async ({ matchers }, { fromMs, toMs }) => {
  const found: LoadedSeries[] = [];
  for (const [name, all] of Object.entries(STORED)) {
    for (const [own, values, shift = 0] of all) {
      const labels: Record<string, string> = { __name__: name, ...own };
      if (!matchers.every((matcher) => matcher.holds(labels[matcher.name] ?? ""))) continue;
      const points = values.flatMap((value, i): [number, number][] =>
        value === undefined ? [] : [[i * M + shift, value]],
      );
      const inside = points.filter(([atMs]) => atMs >= fromMs && atMs <= toMs);
      if (inside.length > 0)
        found.push({ labels, atMs: inside.map(([atMs]) => atMs), values: inside.map(([, value]) => value) });
    }
  }
  return found;
};

async function at(query: string, atMs = 10 * M) {
  const asked = { startMs: atMs, endMs: atMs, stepMs: 1, lookbackMs: 5 * M, deadlineMs: Infinity };
  const value = await evaluateAt(parseQuery(query), asked, load);
  return typeof value === "number"
    ? value
    : Object.fromEntries(value.map(({ labels, value: v }) => [signatureOf(labels), v]));
}
const only = async (query: string, atMs?: number) => Object.values(await at(query, atMs))[0];

test("growth over a range is prolonged and cut as Prometheus does it", async () => {
  // Values that its own engine gave for the same samples.
  expect(await only("increase(r[5m])")).toBeCloseTo(24.916666666666668, 12);
  expect(await only("rate(r[10m])")).toBeCloseTo(0.07428086419753087, 15);
  expect(await only("irate(r[5m])")).toBeCloseTo(0.08333333333333333, 15);
  expect(await only("resets(r[10m])")).toBe(1);
  expect(await only("increase(m[5m])")).toBe(35);
  expect(await only("delta(m[5m])")).toBe(35);
  expect(await only("count_over_time(m[5m])")).toBe(5);
  expect(await only("quantile_over_time(0.9, m[5m])")).toBeCloseTo(70.2, 12);
  expect(await only("stddev_over_time(m[5m])")).toBeCloseTo(9.899494936611665, 12);
});

test("functions over a range take its samples, open on the left", async () => {
  const values = {
    sum_over_time: 66 + 73,
    avg_over_time: 69.5,
    min_over_time: 66,
    max_over_time: 73,
    last_over_time: 73,
    changes: 1,
    idelta: 7,
  };
  for (const [name, value] of Object.entries(values))
    expect([name, await only(`${name}(m[2m])`)]).toEqual([name, value]);
  expect(await at("rate(m[1m])")).toEqual({});
  expect(await only("sum_over_time(m[2m] offset 5m)")).toBe(31 + 38);
});

test("a sample holds for five minutes, to the millisecond", async () => {
  expect(await only("gone", 7 * M - 1)).toBe(3);
  expect(await at("gone", 7 * M)).toEqual({});
  expect(await only("gone offset 1m", 7 * M)).toBe(3);
  expect(await only("gone offset -1m", 1 * M)).toBe(3);
});

test("a histogram's quantiles are estimated from buckets, and odd ones are what they are", async () => {
  expect(await only("histogram_quantile(0.5, h_bucket)")).toBe(0.5);
  expect(await only("histogram_quantile(0.99, h_bucket)")).toBe(1);
  expect(await only("histogram_quantile(0.05, h_bucket)")).toBeCloseTo(0.05, 12);
  expect(await only("histogram_quantile(-1, h_bucket)")).toBe(-Infinity);
  expect(await only("histogram_quantile(2, h_bucket)")).toBe(Infinity);
  expect(await only('histogram_quantile(0.5, h_bucket{le!="+Inf"})')).toBeNaN();
});

test("aggregations group by labels or by all but some", async () => {
  expect(await at("sum by (host) (cpu)")).toEqual({
    '[["host","a"]]': 3,
    '[["host","b"]]': 5,
    '[["host","c"]]': Number.NaN,
  });
  expect(await at("sum without (core) (cpu{host='a'})")).toEqual({ '[["host","a"]]': 3 });
  expect(await at("max(cpu)")).toEqual({ "[]": 5 });
  expect(await at("min(cpu)")).toEqual({ "[]": 1 });
  expect(await at("count(cpu) by (core)")).toEqual({ '[["core","0"]]': 3, '[["core","1"]]': 1 });
  expect(await at('avg(cpu{host=~"a|b"})')).toEqual({ "[]": 8 / 3 });
  expect(await at('quantile(0.5, cpu{host!="c"})')).toEqual({ "[]": 2 });
  expect(await at('stddev(cpu{host="a"})')).toEqual({ "[]": 0.5 });
  expect(Object.values(await at("topk(2, cpu)"))).toEqual([5, 2]);
  expect(Object.values(await at("bottomk(1, cpu)"))).toEqual([1]);
  expect(Object.keys(await at("topk(1, cpu)"))[0]).toContain('"__name__"');
});

test("selectors match whole values, and a label that is not there is empty", async () => {
  expect(Object.keys(await at('cpu{host=~"a|c"}'))).toHaveLength(3);
  expect(Object.keys(await at('{__name__=~"c.u|lim.*"}'))).toHaveLength(6);
  expect(Object.keys(await at('cpu{host!~"a", none=""}'))).toHaveLength(2);
  expect(await at('cpu{none!=""}')).toEqual({});
});

test("arithmetic and comparisons go by their precedence, and over vectors by their labels", async () => {
  expect(await at("1 + 2 * 3 ^ 2 - -4 / 2")).toBe(21);
  expect(await at("-2 ^ 2")).toBe(-4);
  expect(await at("2 ^ 3 ^ 2")).toBe(512);
  expect(await at("7 % 4 > bool 2")).toBe(1);
  expect(await at('cpu{host="a"} * 2')).toEqual({
    '[["core","0"],["host","a"]]': 2,
    '[["core","1"],["host","a"]]': 4,
  });
  expect(Object.keys(await at("cpu > 1"))).toHaveLength(2);
  expect(Object.values(await at("4 < limit"))).toEqual([10]);
  expect(Object.values(await at("limit > bool 4"))).toEqual([1, 0]);
  expect(await at("sum by (host) (cpu) / on (host) limit")).toEqual({
    '[["host","a"]]': 0.3,
    '[["host","b"]]': 1.25,
  });
  expect(await at('cpu{core="0"} + ignoring (core) limit')).toEqual({
    '[["host","a"]]': 11,
    '[["host","b"]]': 9,
  });
  expect(Object.keys(await at("limit and on (host) cpu{host='a'}"))).toHaveLength(1);
  expect(Object.keys(await at("limit unless on (host) cpu{host='a'}"))).toHaveLength(1);
  expect(Object.keys(await at("limit or cpu"))).toHaveLength(6);
  await expect(at("cpu * on (host) limit")).rejects.toThrow(/many-to-one/);
  await expect(at("limit * on (host) cpu")).rejects.toThrow(/duplicate series/);
});

test("functions of values change each, and lose the metric's name", async () => {
  expect(await at('clamp(cpu{host!="c"}, 2, 3)')).toEqual({
    '[["core","0"],["host","a"]]': 2,
    '[["core","1"],["host","a"]]': 2,
    '[["core","0"],["host","b"]]': 3,
  });
  expect(await at("clamp(cpu, 3, 2)")).toEqual({});
  expect(await only("round(m / 10)")).toBe(7);
  expect(await only("round(m, 5)")).toBe(75);
  expect(await only("ceil(m / 10)")).toBe(8);
  expect(await only("floor(m / 10)")).toBe(7);
  expect(await only("abs(m - 100)")).toBe(27);
  expect(await at("scalar(m) + scalar(cpu)")).toBeNaN();
  expect(await at("vector(time())")).toEqual({ "[]": 600 });
  expect(await only("timestamp(gone)", 3 * M)).toBe(120);
  expect(await at('absent(nothing{a="b", c=~"d"})')).toEqual({ '[["a","b"]]': 1 });
});

test("a range is the same as its moments one by one", async () => {
  const query = "sum by (host) (rate(cpu[3m])) + on () group_by_nothing or increase(r[4m]) or m > 30";
  const asked = { startMs: 90_000, endMs: 15 * M, stepMs: 45_000, lookbackMs: 5 * M, deadlineMs: Infinity };
  const series = await evaluateRange(parseQuery(query), asked, load);
  const fromRange = new Map<number, Record<string, number>>();
  for (const { labels, points } of series)
    for (const [atMs, value] of points)
      fromRange.set(atMs, { ...fromRange.get(atMs), [signatureOf(labels)]: value });
  for (let atMs = asked.startMs; atMs <= asked.endMs; atMs += asked.stepMs)
    expect(await at(query, atMs)).toEqual(fromRange.get(atMs) ?? {});
  expect(series.length).toBeGreaterThan(1);
});

test("twins, endless work and answers without end are refused", async () => {
  await expect(at('abs({__name__=~"m|r"})')).rejects.toThrow(/same labelset/);
  const asked = { startMs: 0, endMs: 10 * M, stepMs: 1000, lookbackMs: 5 * M, deadlineMs: 0 };
  await expect(evaluateRange(parseQuery("m"), asked, load)).rejects.toMatchObject({ errorType: "timeout" });
});
