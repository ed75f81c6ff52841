import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReplay, type Exchange } from "../../testing/exchanges.ts";
import { type House, openHouse } from "../../testing/house.ts";

/** Recorded from their server, release 3.17.2, one after the other; what differs on purpose stands below. */
const EXCHANGES = read("exchanges.json");
const DEVIATIONS = read("deviations.json");

// Their server leaves these out where they are empty; clients read both forms alike.
const MAY_BE_EXTRA = new Set(["outputs", "user_id", "file_size", "model_id", "description"]);

const START_MS = 60_000; // A house starts in two seconds, on a machine that is busy in many more.
let house: House;
beforeAll(async () => {
  house = await openHouse();
}, START_MS);
afterAll(() => house.close());

describe("answers of their server", () => {
  test("are ours too, exchange by exchange", async () => {
    expect(EXCHANGES.length).toBeGreaterThan(300);
    const replay = createReplay(house.ask, MAY_BE_EXTRA);
    const differing: object[] = [];
    for (const exchange of EXCHANGES) {
      const differences = await replay.differences(exchange);
      if (differences.length > 0) differing.push({ ...exchange, differences });
    }
    expect(differing).toEqual([]);
  }, 120_000);

  test("that would mislead a client are others here, each for its reason", async () => {
    const replay = createReplay(house.ask, MAY_BE_EXTRA);
    for (const { why, ...exchange } of DEVIATIONS) {
      expect(why).toMatch(/\w/);
      expect(await replay.differences(exchange), `${exchange.ask}: ${why}`).toEqual([]);
    }
  }, 30_000);
});

function read(name: string): (Exchange & { why?: string })[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", name), "utf8"));
}
