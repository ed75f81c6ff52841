import { afterAll, beforeAll, expect, test } from "vitest";
import { badRequest, seeded } from "../testing/bad-requests.ts";
import { type House, openHouse } from "../testing/house.ts";

const REQUESTS = 10_000;
const STREAMS = /\/(tail|live)(\?|$)/; // Of any other route only its answer counts, however slow.
const STREAM_MS = 100;
const NOT_IMPLEMENTED = 501; // How a protocol says that its client should take another way.
const SEED = 20_261_126; // Another one makes another ten thousand; a find is kept as a test of its own.

let house: House;
beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(() => house.close());

test("ten thousand bad requests over all routes are answered without one failure of ours", async () => {
  const random = seeded(SEED);
  const targets = house.app.routes.filter(({ method }) => method !== "OPTIONS");
  const failures: string[] = [];
  const seen = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i += 1) {
    const bad = badRequest(targets[i % targets.length] ?? { method: "GET", url: "/" }, random);
    const status = await statusOf(bad);
    seen.set(status, (seen.get(status) ?? 0) + 1);
    if (status >= 500 && status !== NOT_IMPLEMENTED)
      failures.push(`${status} ${bad.method} ${bad.url.slice(0, 200)} ${bad.payload?.slice(0, 300)}`);
  }
  expect(failures).toEqual([]);
  // Had the gate refused them all, nothing behind it would have been tried.
  expect(seen.get(400) ?? 0).toBeGreaterThan(REQUESTS / 20);
  expect(house.printed.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  expect((await house.ask("GET", "/readyz")).status).toBe(200);
}, 300_000);

async function statusOf(bad: ReturnType<typeof badRequest>): Promise<number> {
  const asked = house.ask(bad.method, bad.url, {
    headers: bad.headers,
    ...(bad.payload === undefined ? {} : { body: bad.payload }),
  });
  if (!STREAMS.test(bad.url)) return (await asked).status;
  const streams = new Promise<{ status: number }>((resolve) =>
    setTimeout(resolve, STREAM_MS, { status: 200 }),
  );
  return (await Promise.race([asked, streams])).status;
}
