import { expect, inject, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { BULK_PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const { bulkRuns } = inject("place").seeded;

const ROWS_DRAWN_MAX = 120; // A screen of them and the overscan on both sides.
const FRAME_MS_MAX = 50; // Twenty pictures a second, with software rendering on a busy machine.

test("ten thousand runs scroll smoothly, as only the rows in view are drawn", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${BULK_PROJECT}/runs`);
  const table = page.getByRole("table", { name: "Runs" });
  const loaded = () => table.evaluate((element) => Number(element.getAttribute("aria-rowcount")) - 1);
  while ((await loaded()) < bulkRuns) {
    const before = await loaded();
    await table.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await page.waitForFunction(
      (count) => Number(document.querySelector('[role="table"]')?.getAttribute("aria-rowcount")) - 1 > count,
      before,
    );
  }
  expect(await page.getByRole("row").count()).toBeLessThan(ROWS_DRAWN_MAX);
  const frames = await table.evaluate(async (element) => {
    const times: number[] = [];
    let last = performance.now();
    for (let frame = 0; frame < 120; frame++) {
      element.scrollTop = ((frame * 2347) % 100) * 3000;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b);
  });
  expect(frames[Math.floor(frames.length / 2)]).toBeLessThan(FRAME_MS_MAX);
  await look("runs-ten-thousand");
  expect(complaints).toEqual([]);
});
