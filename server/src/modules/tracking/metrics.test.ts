import { afterEach, beforeEach, expect, test } from "vitest";
import type { Point } from "./door.ts";
import { ada, eve, type OpenTracking, openTracking, point } from "./testing.ts";

let at: OpenTracking;
beforeEach(async () => {
  at = await openTracking();
});
afterEach(() => at.db.close());

/** The same sequence for the same seed, so that a failure can be seen again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

type Triple = [timestampMs: number, step: number, value: number];
const shown = (value: number) => (Number.isNaN(value) ? "NaN" : value);
const asTriple = ({ timestampMs, step, value }: Point): Triple => [timestampMs, step, value];

/** What the history must be, by the plainest means. */
function historyOf(points: readonly Point[]): (string | number)[][] {
  const seen = new Map(
    points.map((p) => [JSON.stringify([p.timestampMs, p.step, shown(p.value)]), asTriple(p)]),
  );
  const zero = (value: number) => (Number.isNaN(value) ? 0 : value);
  const nan = (value: number) => Number(Number.isNaN(value));
  return [...seen.values()]
    .sort((a, b) => a[0] - b[0] || a[1] - b[1] || zero(a[2]) - zero(b[2]) || nan(a[2]) - nan(b[2]))
    .map(([timestampMs, step, value]) => [timestampMs, step, shown(value)]);
}

function latestOf(points: readonly Point[]): number[] {
  const triples = points.map((p) => [p.step, p.timestampMs, Number.isNaN(p.value) ? 0 : p.value]);
  return triples.reduce((best, p) => {
    const differs = [0, 1, 2].find((i) => p[i] !== best[i]);
    return differs !== undefined && (p[differs] ?? 0) > (best[differs] ?? 0) ? p : best;
  });
}

async function readAll(runId: string, key: string, pageSize: number): Promise<(string | number)[][]> {
  const all: (string | number)[][] = [];
  let pageToken: string | undefined;
  do {
    const page = await at.metrics.history(ada, "p1", { runId, key, pageSize, pageToken });
    for (const [i, timestampMs] of page.timestampsMs.entries()) {
      all.push([timestampMs, page.steps[i] ?? 0, shown(page.values[i] ?? 0)]);
    }
    expect(page.timestampsMs.length).toBeLessThanOrEqual(pageSize);
    pageToken = page.nextToken;
  } while (pageToken !== undefined);
  return all;
}

test.each([1, 2, 3, 4, 5, 6])(
  "any points in any batches: history and latest are what they must be (seed %i)",
  async (seed) => {
    const random = randomOf(seed);
    const { id } = await at.newRun();
    // Few different times and steps make ties and overlaps; many make long series that become chunks.
    const [times, steps, values] = [[3, 50, 100_000][seed % 3] ?? 1, [4, 100_000][seed % 2] ?? 1, 5];
    const logged: Point[] = [];
    for (let batch = 0; batch < 14; batch += 1) {
      const metrics = Array.from({ length: 1 + random([3, 300, 1000][batch % 3] ?? 1) }, () => {
        const value = random(10) === 0 ? Number.NaN : random(values) - 2;
        return point("m", value, { timestampMs: random(times), step: random(steps) - 2 });
      });
      logged.push(...metrics);
      await at.log(id, { metrics });
    }
    const expected = historyOf(logged);
    expect(await readAll(id, "m", 25_000)).toEqual(expected);
    expect(await readAll(id, "m", 700)).toEqual(expected);
    const [latest] = (await at.get(id)).metrics;
    const value = latest && Number.isNaN(latest.value) ? 0 : latest?.value;
    expect([latest?.step, latest?.timestampMs, value]).toEqual(latestOf(logged));
  },
);

test("a batch sent again adds nothing", async () => {
  const { id } = await at.newRun();
  const metrics = Array.from({ length: 600 }, (_, step) => point("m", step, { step, timestampMs: step }));
  for (let i = 0; i < 3; i += 1) await at.log(id, { metrics });
  expect((await readAll(id, "m", 100)).length).toBe(600);
});

test("points logged while a history is read page by page do not move what was read", async () => {
  const { id } = await at.newRun();
  const logged = (from: number, size: number) =>
    Array.from({ length: size }, (_, i) => point("m", i, { step: from + i, timestampMs: from + i }));
  await at.log(id, { metrics: logged(1000, 500) });
  const first = await at.metrics.history(ada, "p1", { runId: id, key: "m", pageSize: 400 });
  await at.log(id, { metrics: [...logged(0, 400), ...logged(2000, 500)] });
  const asked = { runId: id, key: "m", pageSize: 1000, pageToken: first.nextToken };
  const second = await at.metrics.history(ada, "p1", asked);
  expect([...first.steps, ...second.steps]).toEqual([
    ...Array.from({ length: 500 }, (_, i) => 1000 + i),
    ...Array.from({ length: 500 }, (_, i) => 2000 + i),
  ]);
});

test("a metric that was never logged has no points, and a token of another metric is refused", async () => {
  const { id } = await at.newRun();
  await at.log(id, { metrics: [point("m", 1), point("m", 2), point("n", 1)] });
  const none = await at.metrics.history(ada, "p1", { runId: id, key: "other", pageSize: 10 });
  expect(none.values.length).toBe(0);
  const { nextToken } = await at.metrics.history(ada, "p1", { runId: id, key: "m", pageSize: 1 });
  const other = at.metrics.history(ada, "p1", { runId: id, key: "n", pageSize: 1, pageToken: nextToken });
  await expect(other).rejects.toMatchObject({ code: "invalid" });
  const strange = at.metrics.history(eve, "p1", { runId: id, key: "m", pageSize: 1 });
  await expect(strange).rejects.toMatchObject({ code: "not_found" });
});

/** Buckets by the plainest means; `x` of each point along the axis. */
function bucketsOf(
  points: readonly { x: number; ms: number; value: number }[],
  [from, to]: [from: number, to: number],
  n: number,
) {
  const width = (to - from) / n;
  const parts = new Map<number, { x: number; ms: number; value: number }[]>();
  for (const p of points) {
    if (p.x < from || p.x > to) continue;
    const index = width > 0 ? Math.min(n - 1, Math.floor((p.x - from) / width)) : 0;
    parts.set(index, [...(parts.get(index) ?? []), p]);
  }
  return [...parts]
    .sort(([a], [b]) => a - b)
    .map(([, part]) => {
      const last = part.reduce((best, p) => (p.x > best.x || (p.x === best.x && p.ms >= best.ms) ? p : best));
      const numbers = part.map((p) => p.value).filter((value) => !Number.isNaN(value));
      const finite = (value: number) => (Number.isFinite(value) ? value : null);
      return [
        last.x,
        finite(last.value),
        finite(Math.min(...numbers)),
        finite(Math.max(...numbers)),
        part.length,
      ];
    });
}

test.each([
  ["in order", (i: number) => i],
  ["steps out of order", (i: number) => (i * 7919) % 5000],
] as const)("buckets of a long series are those of its points: %s", async (_, stepOf) => {
  const { id } = await at.newRun();
  const points = Array.from({ length: 5000 }, (_, i) => ({
    step: stepOf(i),
    ms: 10 + i * 3,
    value: i % 97 === 0 ? Number.NaN : Math.sin(i),
  }));
  for (let from = 0; from < points.length; from += 700) {
    const part = points.slice(from, from + 700);
    await at.log(id, { metrics: part.map((p) => point("m", p.value, { step: p.step, timestampMs: p.ms })) });
  }
  const ask = async (asked: {
    axis: "step" | "time" | "relative";
    from?: number;
    to?: number;
    buckets: number;
  }) => {
    const [one] = await at.metrics.buckets(ada, "p1", { runIds: [id], key: "m", ...asked });
    return one?.x.map((x, i) => [x, one.last[i], one.min[i], one.max[i], one.count[i]]);
  };
  const bySteps = points.map((p) => ({ x: p.step, ms: p.ms, value: p.value }));
  const byTime = points.map((p) => ({ x: p.ms, ms: p.ms, value: p.value }));
  const relative = points.map((p) => ({ x: p.ms - 10, ms: p.ms, value: p.value }));
  for (const buckets of [1, 7, 400]) {
    expect(await ask({ axis: "step", buckets })).toEqual(bucketsOf(bySteps, [0, 4999], buckets));
    expect(await ask({ axis: "time", buckets })).toEqual(bucketsOf(byTime, [10, 10 + 4999 * 3], buckets));
    expect(await ask({ axis: "relative", buckets })).toEqual(bucketsOf(relative, [0, 4999 * 3], buckets));
  }
  expect(await ask({ axis: "step", from: 1000, to: 1010, buckets: 100 })).toEqual(
    bucketsOf(bySteps, [1000, 1010], 100),
  );
});

test("buckets leave infinity and NaN out of the least and the greatest, and runs without the metric are empty", async () => {
  const [one, none] = [await at.newRun(), await at.newRun()];
  await at.log(one.id, {
    metrics: [Number.POSITIVE_INFINITY, 5, Number.NaN, 7].map((value, step) => point("m", value, { step })),
  });
  const asked = { runIds: [one.id, none.id], key: "m", axis: "step", buckets: 1 } as const;
  expect(await at.metrics.buckets(ada, "p1", asked)).toEqual([
    { runId: one.id, x: [3], last: [7], min: [5], max: [7], count: [4] },
    { runId: none.id, x: [], last: [], min: [], max: [], count: [] },
  ]);
});
