import { expect, test } from "vitest";
import type { Item } from "./frames.ts";
import { createQueue } from "./queue.ts";

const item: Item = { kind: "json", bytes: Buffer.from("{}") };
const answer = { kind: "body", bytes: Buffer.from("1") } as const;

function queueOf(queueMax = 10, deadlineMs = 60_000) {
  return createQueue({ queueMax, deadlineMs, arrived: () => {} });
}

test("requests are taken in their order, by rows", async () => {
  const queue = queueOf();
  const asked = [1, 2, 3, 9, 1].map((rows) => queue.ask({ item, rows }, {}));
  const batches = [queue.take(4), queue.take(4), queue.take(4), queue.take(4), queue.take(4)];
  expect(batches.map((batch) => batch.map(({ rows }) => rows))).toEqual([[1, 2], [3], [9], [1], []]);
  expect([queue.rows, queue.length]).toEqual([0, 0]);
  for (const request of batches.flat()) request.settle({ answer });
  expect((await Promise.all(asked)).every((answered) => answered.answer === answer)).toBe(true);
});

test("a full queue refuses, and takes again when one has left", async () => {
  const queue = queueOf(1);
  const first = queue.ask({ item, rows: 1 }, {});
  expect(() => queue.ask({ item, rows: 1 }, {})).toThrow(
    expect.objectContaining({ code: "exhausted", reason: "queue_full" }),
  );
  const [request] = queue.take(1);
  const second = queue.ask({ item, rows: 1 }, { deadlineMs: 5 });
  await expect(second).rejects.toMatchObject({ code: "unavailable", reason: "deadline" });
  expect([queue.rows, queue.length]).toEqual([0, 0]);
  request?.settle({ answer });
  request?.settle({ answer: { kind: "body", bytes: Buffer.from("2") } });
  expect((await first).answer).toBe(answer);
});

test("a caller that goes leaves the queue at once", async () => {
  const queue = queueOf();
  const gone = new AbortController();
  const asked = queue.ask({ item, rows: 3 }, { signal: gone.signal });
  gone.abort();
  await expect(asked).rejects.toMatchObject({ code: "unavailable", reason: "aborted" });
  expect(queue.rows).toBe(0);
});
