import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../../testing/house.ts";
import { createSamplePlace } from "./account.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test("however many ask for the sample's account at once, in whichever process, there is one", async () => {
  const { identity, projects } = house.modules;
  const places = [createSamplePlace({ identity, projects }), createSamplePlace({ identity, projects })];
  const found = await Promise.all(places.flatMap((place) => [place(), place()]));
  const ids = new Set(found.map((one) => one?.actor.id));
  expect(ids.size).toBe(1);
  expect([...ids]).not.toContain(undefined);
});
