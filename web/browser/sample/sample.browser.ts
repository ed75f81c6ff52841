import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NotebookDocument } from "@atrium/contract/notebooks";
import type { BrowserContext, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { createApi } from "../api.ts";
import { useBrowser } from "../browser.ts";
import { guide } from "../guide.ts";

const { visit } = useBrowser();
const { url, token } = inject("place");
const { ours } = createApi(url, token).inProject("default");

const ROOT = join(import.meta.dirname, "../../..");
const SHOTS = join(ROOT, "shots");
const HOME = "/p/default";
const MADE_MS = 15 * 60_000; // A minute and a half where nothing else runs and environments are there; not so elsewhere.
const STARTED_MS = 10 * 60_000; // As much for JupyterLab, whose environment has some hundred packages.
const WALK_MS = 6 * 60_000; // Many pages with two pictures each, on cores that others want, too.
const FIRST_SHOWN_MS = 120_000; // The first step reads a file of three million rows.

// Each test stands on what the first has waited for.
test("home shows the sample as it builds itself, step by step to its end", {
  timeout: MADE_MS + WALK_MS,
}, async () => {
  const { page, go, look, complaints } = await visit();
  await go(HOME);
  const card = page.getByRole("region", { name: "Sample project" });
  await card.getByText(/^[1-6] of 7 steps/).waitFor({ timeout: FIRST_SHOWN_MS });
  await card.getByText("Running").first().waitFor();
  await card.getByRole("link", { name: "See the dataset" }).waitFor();
  await look("sample-making");
  await card.getByText(/^done in/).waitFor({ timeout: MADE_MS });
  await card.getByText(/"origin":"ORD"/).waitFor();
  await page
    .getByRole("region", { name: "Monitoring" })
    .getByText(/open incident/)
    .waitFor();
  await look("sample-made");
  expect(complaints).toEqual([]);
});

test("from home to the data: profiled, checked, certified, and to the features of one airport", {
  timeout: WALK_MS,
}, async () => {
  const visitor = await visit();
  const { page, go, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await go(HOME);
  await tour.link("See the dataset", "flights", "dataset");
  await page.getByRole("tab", { name: /Versions/ }).click();
  await page.getByRole("main").getByRole("link", { name: "Version 1" }).click();
  await page
    .getByRole("img", { name: /distance/ })
    .first()
    .waitFor();
  await visitor.look("sample-profile");
  await page.getByRole("tab", { name: /Checks/ }).click();
  await page.getByText("delays are plausible").waitFor();
  await tour.see("checks");
  await tour.home();
  await tour.station("Features");
  await tour.link("airport_delays", /^airport_delays/, "view");
  await page.getByRole("tab", { name: "Values" }).click();
  await page.getByLabel("origin").fill("ORD");
  await page.getByRole("button", { name: "Read the values" }).click();
  const row = page.getByRole("region", { name: "Values" }).getByRole("row", { name: /mean_late_7d/ });
  await row.getByText("present").waitFor();
  await tour.see("values");
  expect(complaints).toEqual([]);
});

test("from home to the pipeline's run: its graph, the log and the artifacts of a step", {
  timeout: WALK_MS,
}, async () => {
  const visitor = await visit();
  const { page, go, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await go(HOME);
  await tour.station("Pipelines");
  await tour.link("flight-delay", "flight-delay", "pipeline");
  await page.getByRole("tab", { name: /Runs/ }).click();
  await tour.link("first training", "first training", "pipeline-run");
  const graph = page.getByRole("group", { name: "Graph of steps" });
  await graph
    .getByRole("button", { name: /^train/ })
    .first()
    .click();
  const step = page.getByRole("complementary", { name: "Details" });
  await step.getByText("Finished").first().waitFor();
  await step
    .getByRole("log")
    .getByText(/KFP Executor/)
    .first()
    .waitFor();
  await visitor.look("sample-step");
  await step.getByRole("button", { name: "model", exact: true }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^model/ })
    .click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^MLmodel/ })
    .waitFor();
  await tour.see("step-artifact");
  expect(complaints).toEqual([]);
});

test("from home to the model that serves, and from it to the run that made it", {
  timeout: WALK_MS,
}, async () => {
  const visitor = await visit();
  const { page, go, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await go(HOME);
  await tour.station("Models");
  await tour.link("flight-delay", "flight-delay", "model");
  await tour.link("version 1", "flight-delay v1", "model-version");
  await page.getByRole("tab", { name: "Lineage" }).click();
  await page.getByRole("main").getByText("training set").first().waitFor();
  await tour.see("model-lineage");
  await page.getByRole("tab", { name: "Overview" }).click();
  await tour.link(/^(boosted-trees|logistic-regression)$/, /^(boosted-trees|logistic-regression)$/, "run");
  await page.getByRole("tab", { name: "Charts" }).click();
  await page.getByRole("img", { name: /^validation_log_loss/ }).waitFor();
  await tour.see("run-charts");
  await page.getByRole("tab", { name: "Artifacts" }).click();
  await page.getByRole("button", { name: "plots" }).click();
  await page.getByRole("button", { name: /validation.png/ }).click();
  await page
    .getByRole("main")
    .getByRole("img", { name: /validation/ })
    .waitFor();
  await tour.see("run-picture");
  await tour.home();
  await tour.station("Runs");
  expect(complaints).toEqual([]);
});

test("from home to the endpoint, whose answer leads back to its rows and its code", {
  timeout: WALK_MS,
}, async () => {
  const visitor = await visit();
  const { page, go, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await go(HOME);
  await tour.station("Endpoints");
  await tour.link("flight-delay", "flight-delay", "endpoint");
  await page.getByRole("img", { name: "deployment 1: 90 %, deployment 2: 10 %" }).waitFor();
  await page.getByRole("tab", { name: "Use it" }).click();
  await page.getByText(/"ORD"/).first().waitFor();
  await tour.see("snippets");
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText("Model", { exact: true }).first().waitFor();
  await answer.getByText("known", { exact: true }).waitFor();
  await tour.see("answer");
  await answer.getByRole("link", { name: "in the log" }).click();
  const origin = page.getByRole("region", { name: "Origin" });
  await origin.getByRole("link", { name: "flights v1" }).waitFor();
  // Whoever has the program without its history has no commit, either.
  if (existsSync(join(ROOT, ".git"))) await origin.getByText(/^[0-9a-f]{40}$/).waitFor();
  await origin.scrollIntoViewIfNeeded();
  await visitor.look("sample-origin");
  await tour.by(
    origin.getByRole("link", { name: "flight_delay v1" }).first(),
    /^flight_delay/,
    "training-set",
  );
  const ribbon = page.getByRole("navigation", { name: "Lineage" });
  await tour.by(ribbon.getByRole("link", { name: "dataset flights v1" }), "flights v1", "origin-rows");
  expect(complaints).toEqual([]);
});

test("from home to the incident, and the drift that it is about", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const { page, go, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await go(HOME);
  await tour.station("Monitoring");
  await tour.link("flight-delay", "flight-delay", "monitor");
  await page.getByRole("tab", { name: /Drift/ }).click();
  const drifted = page.getByRole("main").getByRole("listitem").filter({ hasText: "input_mean_late_7d" });
  await drifted.getByRole("img").first().waitFor();
  await visitor.look("sample-drift");
  await page.getByRole("tab", { name: "Performance" }).click();
  await page.getByRole("img", { name: /^ROC AUC/ }).waitFor();
  await tour.see("performance");
  await page.getByRole("tab", { name: /Incidents/ }).click();
  await tour.link("The airports are not those of the training", /^The airports/, "incident");
  await page
    .getByRole("region", { name: "Timeline" })
    .getByText(/Delivered/)
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

test("from home to what it ran on and what it said", { timeout: WALK_MS }, async () => {
  const visitor = await visit();
  const tour = guide(visitor, "sample");
  await visitor.go(HOME);
  await tour.station("Compute");
  await tour.link("first training: build-training-set", "first training: build-training-set", "job");
  await tour.room("Logs & metrics");
  await visitor.page.getByLabel("Search the logs").fill("role=webhook");
  await visitor.page.keyboard.press("Enter");
  await visitor.page
    .getByText(/incident.opened: The airports are not those/)
    .first()
    .waitFor();
  await tour.see("logs-found");
  expect(visitor.complaints).toEqual([]);
});

test("the notebook runs as a job to its last cell, and opens in JupyterLab by one click", {
  timeout: 2 * STARTED_MS + WALK_MS,
}, async () => {
  const visitor = await visit();
  const { page, context, go, complaints } = visitor;
  const tour = guide(visitor, "sample");
  await go(HOME);
  await tour.room("Notebooks");
  await tour.link("flights/explore.ipynb", "flights/explore.ipynb", "notebook");
  await page.getByRole("button", { name: "Run as a job" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run as a job" }).click();
  await page.waitForURL(/notebooks\/runs\//);
  const run = new URL(page.url()).pathname.split("/").at(-1);
  await openInLab(context, page);
  await page.getByText("Finished").first().waitFor({ timeout: STARTED_MS });
  const { cells } = await ours<NotebookDocument>("GET", `/notebooks/runs/${run}/document`);
  const code = cells.filter(({ kind }) => kind === "code");
  expect(code.map(({ state }) => state)).toEqual(code.map(() => "completed"));
  expect(JSON.stringify(code.flatMap(({ outputs }) => outputs))).not.toMatch(/"kind":"error"/);
  await page.getByRole("main").getByRole("img").nth(3).waitFor();
  await visitor.look("sample-notebook-run");
  expect(complaints).toEqual([]);
});

/** From the room in another tab, as its link does; a server that has to start says how far it is. */
async function openInLab(context: BrowserContext, page: Page): Promise<void> {
  const room = await context.newPage();
  await room.goto(`${url}${HOME}/notebooks`);
  const open = room.getByRole("link", { name: "Open flights/explore.ipynb in JupyterLab" });
  const [lab] = await Promise.all([context.waitForEvent("page"), open.click()]);
  const complaints: string[] = [];
  lab.on("pageerror", ({ message }) => complaints.push(message));
  lab.on("response", (answer) => {
    if (answer.status() >= 500) complaints.push(`${answer.status()} ${answer.url()}`);
  });
  await lab
    .locator(".jp-NotebookPanel")
    .getByRole("heading", { name: "Which flights will be late?" })
    .waitFor({ timeout: STARTED_MS });
  await lab.screenshot({ path: join(SHOTS, "sample-jupyterlab.png") });
  expect(complaints).toEqual([]);
  await lab.close();
  await room.close();
  await page.bringToFront();
}
