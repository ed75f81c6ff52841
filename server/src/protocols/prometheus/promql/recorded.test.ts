import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Asked, evaluateAt, evaluateRange, type Load, type Value } from "./evaluate.ts";
import { type Labels, signatureOf } from "./labels.ts";
import { parseQuery } from "./parse.ts";

type Point = [seconds: number, value: string];
interface Data {
  resultType: "scalar" | "vector" | "matrix";
  result: Point | { metric: Labels; value?: Point; values?: Point[] }[];
}

/** What a real Prometheus answered; `node conformance/prometheus/run.ts --record` makes it anew. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/answers.json"), "utf8")) as {
  instant: { time: string };
  range: { start: string; end: string; step: string };
  series: { labels: Labels; points: [atMs: number, value: string][] }[];
  answers: { query: string; instant: Data; range: Data }[];
};

const load: Load = async ({ matchers }, { fromMs, toMs }) =>
  recorded.series
    .filter(({ labels }) => matchers.every((matcher) => matcher.holds(labels[matcher.name] ?? "")))
    .map(({ labels, points }) => {
      const inside = points.filter(([atMs]) => atMs >= fromMs && atMs <= toMs);
      return {
        labels,
        atMs: inside.map(([atMs]) => atMs),
        values: inside.map(([, value]) => numberOf(value)),
      };
    });

const settings = { lookbackMs: 300_000, deadlineMs: Infinity };
const atMs = Number(recorded.instant.time) * 1000;
const moment: Asked = { startMs: atMs, endMs: atMs, stepMs: 1, ...settings };
const { start, end, step } = recorded.range;
const steps: Asked = {
  startMs: Number(start) * 1000,
  endMs: Number(end) * 1000,
  stepMs: Number(step) * 1000,
  ...settings,
};

test("there is enough to compare with", () => {
  expect(recorded.answers.length).toBeGreaterThan(80);
});

test.each(recorded.answers)("'$query' gives what Prometheus gave", async ({ query, instant, range }) => {
  alike(ofValue(await evaluateAt(parseQuery(query), moment, load)), ofInstant(instant));
  const series = await evaluateRange(parseQuery(query), steps, load);
  alike(new Map(series.map(({ labels, points }) => [signatureOf(labels), points.flat()])), ofRange(range));
});

function ofValue(value: Value): Map<string, number[]> {
  if (typeof value === "number") return new Map([["", [value]]]);
  return new Map(value.map(({ labels, value: at }) => [signatureOf(labels), [at]]));
}

function ofInstant({ resultType, result }: Data): Map<string, number[]> {
  if (resultType === "scalar") return new Map([["", [numberOf((result as Point)[1])]]]);
  const vector = result as { metric: Labels; value?: Point }[];
  return new Map(vector.map(({ metric, value }) => [signatureOf(metric), [numberOf(value?.[1] ?? "")]]));
}

function ofRange({ result }: Data): Map<string, number[]> {
  const matrix = result as { metric: Labels; values?: Point[] }[];
  return new Map(
    matrix.map(({ metric, values = [] }) => [
      signatureOf(metric),
      values.flatMap(([seconds, value]) => [seconds * 1000, numberOf(value)]),
    ]),
  );
}

function numberOf(text: string): number {
  return text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text);
}

function alike(ours: Map<string, number[]>, theirs: Map<string, number[]>): void {
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  for (const [key, values] of theirs) {
    const own = ours.get(key) ?? [];
    expect(own.length).toBe(values.length);
    for (const [i, value] of values.entries()) {
      const mine = own[i] ?? 0;
      // They add in another order than we do, here and there.
      if (!Object.is(mine, value))
        expect(Math.abs(mine - value)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(value), 1e-3));
    }
  }
}
