import { expect, test } from "vitest";
import { decodeJson } from "../wire/json.ts";
import { metricsRequest } from "../wire/messages.ts";
import { prometheusName } from "./metric-name.ts";
import { translateMetric } from "./metrics.ts";
import { originOf } from "./origin.ts";

function translate(metric: object, resource: object[] = []) {
  const request = {
    resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ metrics: [metric] }] }],
  };
  const [{ resource: sender, scopeMetrics } = { resource: undefined, scopeMetrics: [] }] = decodeJson(
    metricsRequest,
    request,
  ).resourceMetrics;
  const opened = scopeMetrics[0]?.metrics[0]?.();
  return opened === undefined ? [] : [...translateMetric(opened, originOf(sender))];
}

type Shown = [name: string, labels: Readonly<Record<string, string>>, value: number, ...more: string[]];
const shown = (translated: ReturnType<typeof translate>): (Shown | string)[] =>
  translated.flatMap((one): (Shown | string)[] =>
    typeof one === "string"
      ? [one]
      : one.map(({ name, labels, value, counts, kind }): Shown => [name, labels, value, kind, counts]),
  );
const series = (metric: object): Shown[] => shown(translate(metric)).filter((one) => typeof one !== "string");
const at = { timeUnixNano: "1700000000000000000" };
const said = (key: string, stringValue: string) => ({ key, value: { stringValue } });

test("names get their unit in words, and counters their _total", () => {
  expect(prometheusName("http.server.duration", "ms", "other")).toBe("http_server_duration_milliseconds");
  expect(prometheusName("requests", "{request}", "counter")).toBe("requests_total");
  expect(prometheusName("requests_total", "1", "counter")).toBe("requests_total");
  expect(prometheusName("cpu.utilization", "1", "gauge")).toBe("cpu_utilization_ratio");
  expect(prometheusName("disk.io", "By/s", "gauge")).toBe("disk_io_bytes_per_second");
  expect(prometheusName("already_seconds", "s", "gauge")).toBe("already_seconds");
  expect(prometheusName("2xx", "", "gauge")).toBe("_2xx");
});

test("gauges and sums become points with the sender's labels, in whichever temporality they come", () => {
  const resource = [
    said("service.name", "api"),
    said("service.namespace", "shop"),
    said("service.instance.id", "i1"),
    said("atrium.run_id", "r1"),
  ];
  const labels = { job: "shop/api", instance: "i1", service: "shop/api", run: "r1" };
  expect(
    shown(
      translate(
        { name: "temp", gauge: { dataPoints: [{ ...at, asDouble: 1.5, attributes: [said("a.b", "x")] }] } },
        resource,
      ),
    ),
  ).toEqual([["temp", { a_b: "x", ...labels }, 1.5, "gauge", "total"]]);
  const sum = (aggregationTemporality: number, isMonotonic: boolean) =>
    shown(
      translate(
        { name: "n", sum: { aggregationTemporality, isMonotonic, dataPoints: [{ ...at, asInt: "7" }] } },
        resource,
      ),
    )[0];
  expect(sum(2, true)).toEqual(["n_total", labels, 7, "counter", "total"]);
  expect(sum(1, true)).toEqual(["n_total", labels, 7, "counter", "increment"]);
  expect(sum(2, false)).toEqual(["n", labels, 7, "gauge", "total"]);
  expect(sum(1, false)).toMatch(/goes up and down/);
  expect(sum(0, true)).toMatch(/neither/);
});

test("times are whole milliseconds of the sender's nanoseconds, which no double holds", () => {
  const dataPoints = [{ timeUnixNano: "1795753447234000000", asDouble: 1 }];
  expect(translate({ name: "m", gauge: { dataPoints } })).toMatchObject([[{ atMs: 1_795_753_447_234 }]]);
});

test("a job of ours is called by its id", () => {
  const [point] = translate({ name: "m", gauge: { dataPoints: [{ ...at, asDouble: 1 }] } }, [
    said("service.name", "train"),
    said("atrium.job", "j1"),
  ]);
  expect(point).toMatchObject([{ labels: { job: "j1", service: "train" } }]);
});

test("a histogram becomes rising buckets, a count and a sum", () => {
  const dataPoint = { ...at, count: "6", sum: 9.5, bucketCounts: ["1", "2", "3"], explicitBounds: [0.5, 2] };
  const histogram = { aggregationTemporality: 2, dataPoints: [dataPoint] };
  expect(
    series({ name: "took", unit: "s", histogram }).map(([name, labels, value]) => [name, labels.le, value]),
  ).toEqual([
    ["took_seconds_bucket", "0.5", 1],
    ["took_seconds_bucket", "2.0", 3],
    ["took_seconds_bucket", "+Inf", 6],
    ["took_seconds_count", undefined, 6],
    ["took_seconds_sum", undefined, 9.5],
  ]);
  const broken = (more: object) =>
    shown(
      translate({
        name: "h",
        histogram: { aggregationTemporality: 2, dataPoints: [{ ...dataPoint, ...more }] },
      }),
    );
  expect(broken({ explicitBounds: [1] })[0]).toMatch(/3 buckets and 1 bounds/);
  expect(broken({ explicitBounds: [2, 1] })[0]).toMatch(/do not rise/);
});

test("a summary becomes its quantiles, a count and a sum", () => {
  const summary = {
    dataPoints: [
      {
        ...at,
        count: "2",
        sum: 3,
        quantileValues: [
          { quantile: 0.5, value: 1 },
          { quantile: 1, value: 2 },
        ],
      },
    ],
  };
  expect(
    series({ name: "s", summary }).map(([name, labels, value, kind]) => [name, labels.quantile, value, kind]),
  ).toEqual([
    ["s", "0.5", 1, "gauge"],
    ["s", "1", 2, "gauge"],
    ["s_sum", undefined, 3, "counter"],
    ["s_count", undefined, 2, "counter"],
  ]);
});

test("what cannot be kept is refused point by point, and the end of a series is no point", () => {
  expect(shown(translate({ name: "e", exponentialHistogram: { dataPoints: [at, at] } }))).toEqual([
    expect.stringMatching(/explicit buckets/),
    expect.stringMatching(/explicit buckets/),
  ]);
  expect(
    shown(
      translate({
        name: "g",
        gauge: {
          dataPoints: [
            { ...at, asDouble: null },
            { ...at, flags: 1 },
          ],
        },
      }),
    ),
  ).toEqual(["g has a point without a value"]);
});

test("attributes cannot take the place of the labels that series need, and equal names are joined", () => {
  const attributes = [
    said("le", "1"),
    said("__name__", "x"),
    said("a.b", "1"),
    said("a_b", "2"),
    said("run", "mine"),
  ];
  const [point] = translate({ name: "m", gauge: { dataPoints: [{ ...at, asDouble: 1, attributes }] } }, [
    said("atrium.run", "r1"),
  ]);
  expect(point).toMatchObject([
    { labels: { attribute_le: "1", attribute___name__: "x", a_b: "1;2", run: "r1" } },
  ]);
});
