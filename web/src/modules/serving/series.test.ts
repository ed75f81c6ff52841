import type { EndpointStats } from "@atrium/contract/serving";
import { expect, test } from "vitest";
import { rateAt, seriesOf } from "./series.ts";

const MINUTE = 60_000;
const latencyMs = { p50: 2, p95: 8, p99: 20 };
const stats: EndpointStats = {
  stepMs: MINUTE,
  buckets: [
    { atMs: 0, deployments: [{ deployment: "1", predictions: 60, errors: 3, latencyMs }] },
    { atMs: 2 * MINUTE, deployments: [{ deployment: "2", predictions: 6, errors: 0, latencyMs }] },
  ],
  total: [
    { deployment: "2", predictions: 6, errors: 0 },
    { deployment: "1", predictions: 60, errors: 3 },
  ],
  breakdown: [],
  notLogged: 0,
};
const range = { fromMs: 0, toMs: 3 * MINUTE };

test("a quiet step is a rate of zero, but says nothing of latency and errors", () => {
  const rates = seriesOf({ stats, range }, "rate");
  expect(rates.map(({ label }) => label)).toEqual(["Deployment 1", "Deployment 2"]);
  expect(rates.map(({ y }) => y)).toEqual([
    [1, 0, 0],
    [0, 0, 0.1],
  ]);
  expect(seriesOf({ stats, range }, "latency", "p99")[0]?.y).toEqual([20, null, null]);
  expect(seriesOf({ stats, range }, "errors")[0]?.y).toEqual([5, null, null]);
});

test("a rate is that of the last minutes, and falls to nothing when no news comes", () => {
  const buckets = [
    { atMs: 0, predictions: 1000 },
    { atMs: 10 * MINUTE, predictions: 300 },
  ];
  expect(rateAt(buckets, { nowMs: 11 * MINUTE, stepMs: MINUTE })).toBe(1);
  expect(rateAt(buckets, { nowMs: 30 * MINUTE, stepMs: MINUTE })).toBe(0);
});
