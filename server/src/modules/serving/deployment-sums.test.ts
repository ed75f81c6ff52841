import { expect, test } from "vitest";
import { createDeploymentSums } from "./deployment-sums.ts";

const call = { status: 200, tookMs: 3, rows: 2, marks: undefined };

test("what could not be stored is stored with what came meanwhile", () => {
  const all = createDeploymentSums();
  all.add(call);
  all.add({ ...call, status: 503, tookMs: 40_000 });
  const { sums, giveBack } = all.take();
  expect(all.isEmpty()).toBe(true);
  expect([...sums.requests]).toEqual([
    [200, 1],
    [503, 1],
  ]);
  expect(sums.buckets.indexOf(1)).toBe(2); // 2.5 ms to 5 ms
  expect(sums.buckets.at(-1)).toBe(1);
  all.add({ ...call, marks: [{ servedBy: "segment", cohort: "new" }] });
  giveBack();
  const after = all.take().sums;
  expect(after.requests.get(200)).toBe(2);
  expect(after.seconds).toBeCloseTo(40.006);
  expect(Object.fromEntries(after.predictions)).toEqual({ "model known": 2, "segment new": 1 });
  expect([...all.take().sums.requests]).toEqual([
    [200, 0],
    [503, 0],
  ]);
});

test("a request that failed made no prediction", () => {
  const all = createDeploymentSums();
  all.add({ ...call, status: 400 });
  expect(all.take().sums.predictions.size).toBe(0);
});
