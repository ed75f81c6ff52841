import type { Locator, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser, type Visitor } from "./browser.ts";
import { MODEL, PROJECT } from "./seed.ts";
import { DATASET, VIEW } from "./seed-data.ts";
import { ENDPOINT } from "./seed-serving.ts";

const { visit } = useBrowser();
const { url, token } = inject("place");
const api = createApi(url, token);
const WHOLE_TOUR_MS = 360_000; // A dozen pages with axe and two pictures each, on cores that others want, too.

/** Goes on by a link that stands on the page, to a page with this heading; each is looked at. */
function guide({ page, look }: Visitor) {
  const arrive = async (heading: string | RegExp, name: string) => {
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    await page.waitForFunction(() => !document.querySelector(".skeleton"));
    await look(`tour-${name}`, ["light"]);
  };
  const by = async (link: Locator, heading: string | RegExp, name: string) => {
    await link.first().click();
    await arrive(heading, name);
  };
  return {
    by,
    link: (words: string | RegExp, heading: string | RegExp, name: string) =>
      by(
        main(page).getByRole("link", { name: words, ...(typeof words === "string" && { exact: true }) }),
        heading,
        name,
      ),
    room: (title: string) =>
      by(
        page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: title, exact: true }),
        title,
        title.toLowerCase().replaceAll(/\W+/g, "-"),
      ),
    home: async () => {
      await page
        .getByRole("navigation", { name: "Rooms" })
        .getByRole("link", { name: "Home", exact: true })
        .click();
      await page.getByRole("group", { name: "The project's flow" }).waitFor();
    },
    /** From home through the head of a stop in its flow. */
    station: (title: string) =>
      by(
        page
          .getByRole("region", { name: title, exact: true })
          .getByRole("link", { name: title, exact: true }),
        title,
        `station-${title.toLowerCase()}`,
      ),
  };
}

function main(page: Page): Locator {
  return page.getByRole("main");
}

test("from home through the stops of the flow: data, features, runs and what came of them", {
  timeout: WHOLE_TOUR_MS,
}, async () => {
  const visitor = await visit();
  const tour = guide(visitor);
  await visitor.go(`/p/${PROJECT}`);
  await visitor.page.getByRole("region", { name: "Compute" }).waitFor();
  await visitor.look("tour-home");
  await tour.station("Datasets");
  await tour.link(DATASET, DATASET, "dataset");
  await visitor.page.getByRole("tab", { name: /Versions/ }).click();
  await tour.link("Version 2", new RegExp(DATASET), "dataset-version");
  await tour.home();
  await tour.station("Features");
  await tour.link(VIEW, new RegExp(VIEW), "feature-view");
  await tour.home();
  await tour.station("Runs");
  await tour.link("bright-owl-1", "bright-owl-1", "run");
  await tour.home();
  await tour.station("Models");
  await tour.link(MODEL, MODEL, "model");
  await tour.link("version 4", new RegExp(MODEL), "model-version");
  await tour.home();
  await tour.station("Endpoints");
  await tour.link(ENDPOINT, ENDPOINT, "endpoint");
  await tour.home();
  expect(visitor.complaints).toEqual([]);
});

test("from the sidebar through the rooms of work and of the place", { timeout: WHOLE_TOUR_MS }, async () => {
  await api
    .inProject(PROJECT)
    .ours("POST", "/jobs", { name: "tour of a job", command: ["true"], limits: { memoryMiB: 128 } });
  const visitor = await visit();
  const tour = guide(visitor);
  await visitor.go(`/p/${PROJECT}`);
  for (const room of ["Notebooks", "Pipelines", "Monitoring", "Logs & metrics"]) await tour.room(room);
  await tour.home();
  await tour.station("Compute");
  await tour.link("tour of a job", "tour of a job", "job");
  for (const room of ["Audit", "Access", "Settings"]) await tour.room(room);
  expect(visitor.complaints).toEqual([]);
});
