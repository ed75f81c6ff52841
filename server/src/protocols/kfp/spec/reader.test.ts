import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPlan } from "./read.ts";
import { createPlanReader } from "./reader.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../fixtures/control_flow.yaml"), "utf8");

test("a long pipeline read in a thread makes the same plan, while the loop goes on", async () => {
  const read = createPlanReader();
  const many = Array.from({ length: 5 }, () => read(TEXT));
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 1);
  const plans = await Promise.all(many);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(5);
  for (const plan of plans) expect(plan).toEqual(readPlan(TEXT));
}, 60_000);

test("what a thread refuses names the place, as a short one does, and the thread goes on", async () => {
  const read = createPlanReader();
  const wrong = TEXT.replace("componentRef:", "componentRefs:");
  const saying = (text: string) => {
    try {
      readPlan(text);
      return undefined;
    } catch (thrown) {
      const { code, message, at } = thrown as { code: string; message: string; at: string };
      return { code, message, at };
    }
  };
  const said = saying(wrong);
  expect(said?.code).toBe("invalid");
  await expect(read(wrong)).rejects.toMatchObject(said ?? {});
  await expect(read("{}")).rejects.toMatchObject({ code: "invalid" });
  await expect(read(TEXT)).resolves.toMatchObject({ name: readPlan(TEXT).name });
}, 60_000);
