import { expect, test } from "vitest";
import { useBrowser } from "../browser.ts";
import { guide } from "../guide.ts";

const { visit } = useBrowser();
const HOME = "/p/default";
const SAMPLE_MS = 15 * 60_000; // A minute and a half on a quiet machine whose environments are warm.
const WALK_MS = 6 * 60_000; // Many pages with two pictures each, on cores that others want, too.

test("home shows the sample as it builds itself, step by step to its end", {
  timeout: SAMPLE_MS,
}, async () => {
  const { page, go, look, complaints } = await visit();
  await go(HOME);
  const card = page.getByRole("region", { name: "Sample project" });
  await card.getByText(/done in/).waitFor({ timeout: SAMPLE_MS });
  await look("sample-done");
  expect(complaints).toEqual([]);
});

test("the data: profiled, checked, and drawn", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await page.getByRole("link", { name: "See the dataset" }).click();
  await page.getByRole("heading", { name: "flights", level: 1 }).waitFor();
  await tour.see("dataset");
  await page.getByRole("tab", { name: /Versions/ }).click();
  await tour.link("Version 1", /flights/, "dataset-version");
  await page.getByRole("tab", { name: /Checks/ }).click();
  await tour.see("dataset-checks");
  await page.getByRole("tab", { name: "Lineage" }).click();
  await tour.see("dataset-lineage");
  expect(complaints).toEqual([]);
});

test("the features", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Features");
  await tour.link("airport_delays", /airport_delays/, "feature-view");
  await page.getByRole("tab", { name: "Values" }).click();
  await page.getByLabel("origin").fill("ORD");
  await page.getByRole("button", { name: "Read the values" }).click();
  await page.getByRole("region", { name: "Values" }).getByText("present").first().waitFor();
  await tour.see("feature-values");
  expect(complaints).toEqual([]);
});

test("the pipeline", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Pipelines");
  await tour.link("flight-delay", "flight-delay", "pipeline");
  await page.getByRole("tab", { name: /Runs/ }).click();
  await tour.link("first training", "first training", "pipeline-run");
  const graph = page.getByRole("group", { name: "Graph of steps" });
  await graph
    .getByRole("button", { name: /^train/ })
    .first()
    .click();
  await page.getByRole("complementary", { name: "Details" }).getByText("Outputs").waitFor();
  await page.getByRole("complementary", { name: "Details" }).getByRole("log").waitFor();
  await tour.see("pipeline-step");
  expect(complaints).toEqual([]);
});

test("runs and models", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Runs");
  await tour.link("boosted-trees", "boosted-trees", "run");
  await page.getByRole("tab", { name: "Charts" }).click();
  await tour.see("run-charts");
  await page.getByRole("tab", { name: "Artifacts" }).click();
  await tour.see("run-artifacts");
  await tour.home();
  await tour.station("Models");
  await tour.link("flight-delay", "flight-delay", "model");
  await tour.link("version 1", /flight-delay/, "model-version");
  await page.getByRole("tab", { name: "Lineage" }).click();
  await tour.see("model-lineage");
  expect(complaints).toEqual([]);
});

test("the endpoint", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Endpoints");
  await tour.link("flight-delay", "flight-delay", "endpoint");
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText("known", { exact: true }).waitFor();
  await tour.see("endpoint-try");
  await answer.getByRole("link", { name: "in the log" }).click();
  const details = page.getByRole("complementary", { name: "Details" });
  await details.getByRole("region", { name: "Origin" }).waitFor();
  await tour.see("prediction");
  await page.getByRole("button", { name: "Close the panel" }).click();
  await page.getByRole("tab", { name: "Use it" }).click();
  await tour.see("endpoint-code");
  await page.getByRole("tab", { name: "History" }).click();
  await tour.see("endpoint-history");
  expect(complaints).toEqual([]);
});

test("monitoring", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Monitoring");
  await tour.link("flight-delay", "flight-delay", "monitor");
  await page.getByRole("tab", { name: /Drift/ }).click();
  await page.getByRole("main").getByRole("listitem").first().getByRole("img").waitFor();
  await tour.see("drift");
  await page.getByRole("tab", { name: "Performance" }).click();
  await tour.see("performance");
  await page.getByRole("tab", { name: "Data quality" }).click();
  await tour.see("quality");
  await page.getByRole("tab", { name: /Incidents/ }).click();
  await tour.see("incidents");
  await tour.link(/The airports are not/, /The airports are not/, "incident");
  expect(complaints).toEqual([]);
});

test("the place", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { complaints } = visitor;
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Compute");
  await tour.room("Logs & metrics");
  await tour.room("Audit");
  await tour.room("Notebooks");
  expect(complaints).toEqual([]);
});
