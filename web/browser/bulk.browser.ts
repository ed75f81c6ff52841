import type { Locator } from "playwright-core";
import { expect, inject, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { BULK_PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const { bulkRuns } = inject("seeded");

const ROWS_DRAWN_MAX = 120; // A screen of them and the overscan on both sides.
// Frames are compared with those of the same page before it was long, as a busy machine slows both alike.
const SLOWER_MAX = 2;
const FRAMES = 90;

test("ten thousand runs scroll as smoothly as two hundred, as only the rows in view are drawn", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${BULK_PROJECT}/runs`);
  const table = page.getByRole("table", { name: "Runs" });
  const loaded = () => table.evaluate((element) => Number(element.getAttribute("aria-rowcount")) - 1);
  const short = await medianFrame(table);
  while ((await loaded()) < bulkRuns) {
    const before = await loaded();
    await table.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await page.waitForFunction(
      (count) => Number(document.querySelector('[role="table"]')?.getAttribute("aria-rowcount")) - 1 > count,
      before,
    );
  }
  expect(await page.getByRole("row").count()).toBeLessThan(ROWS_DRAWN_MAX);
  expect((await medianFrame(table)) / short).toBeLessThan(SLOWER_MAX);
  await look("runs-ten-thousand");
  expect(complaints).toEqual([]);
});

/** Milliseconds a frame while the table scrolls steadily, from wherever it is towards its middle. */
function medianFrame(table: Locator): Promise<number> {
  return table.evaluate(async (element, frames) => {
    const times: number[] = [];
    const direction = element.scrollTop > element.scrollHeight / 2 ? -1 : 1;
    let last = performance.now();
    for (let frame = 0; frame < frames; frame++) {
      element.scrollTop += direction * 40;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  }, FRAMES);
}
