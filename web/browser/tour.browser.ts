import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { guide } from "./guide.ts";
import { MODEL, PROJECT } from "./seed.ts";
import { DATASET, VIEW } from "./seed-data.ts";
import { ENDPOINT } from "./seed-serving.ts";

const { visit } = useBrowser();
const { url, token } = inject("place");
const api = createApi(url, token);
const WHOLE_TOUR_MS = 360_000; // A dozen pages with axe and two pictures each, on cores that others want, too.

test("from home through the stops of the flow: data, features, runs and what came of them", {
  timeout: WHOLE_TOUR_MS,
}, async () => {
  const visitor = await visit();
  const tour = guide(visitor, "tour");
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
  const tour = guide(visitor, "tour");
  await visitor.go(`/p/${PROJECT}`);
  for (const room of ["Notebooks", "Pipelines", "Monitoring", "Logs & metrics"]) await tour.room(room);
  await tour.home();
  await tour.station("Compute");
  await tour.link("tour of a job", "tour of a job", "job");
  for (const room of ["Audit", "Access", "Settings"]) await tour.room(room);
  expect(visitor.complaints).toEqual([]);
});
