import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const place = inject("place");
const { trained, nested, experiments, loggedModels, running } = inject("seeded");
const runs = `/p/${PROJECT}/runs`;
const WHOLE_PAGE_MS = 360_000; // Eleven looks with axe and four pictures each, on cores that others want, too.

test("runs are filtered in the mlflow language, sorted, and looked into beside the table", async () => {
  const { page, go, look, complaints } = await visit();
  await go(runs);
  await page.getByRole("link", { name: "bright-owl-1" }).waitFor();
  await look("runs");
  await page
    .getByRole("combobox", { name: "Filter" })
    .fill("metrics.rmse < 9.5 and params.algorithm = 'xgboost'");
  await page.keyboard.press("Enter");
  await page.waitForURL(/filter=/);
  await page.getByRole("link", { name: "lightgbm-sweep-001" }).waitFor({ state: "detached" });
  await page.getByRole("columnheader", { name: "rmse" }).getByRole("button").click();
  await page.waitForURL(/sort=-metrics.rmse/);
  const shown = await page.getByRole("row").count();
  expect(shown).toBeGreaterThan(2);
  await page.getByRole("row").nth(1).click();
  await page.getByRole("complementary", { name: "Details" }).getByText("Parameters").waitFor();
  await look("runs-peek");
  await page.getByRole("combobox", { name: "Filter" }).fill("metrics.rmse <");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await look("runs-bad-filter");
  expect(complaints.filter((one) => !one.includes("400"))).toEqual([]);
});

test("child runs fold under their parent", async () => {
  const { page, go, complaints } = await visit();
  await go(`${runs}?filter=${encodeURIComponent("params.folds = '5'")}`);
  await page.getByRole("link", { name: "cross-validation" }).waitFor();
  await go(`${runs}?experiments=${experiments.delay}`);
  const row = page.getByRole("row").filter({ hasText: "cross-validation" });
  await row.getByRole("button", { name: "Hide child runs" }).click();
  await page.getByRole("link", { name: "fold-3" }).waitFor({ state: "detached" });
  await row.getByRole("button", { name: "Show 5 child runs" }).click();
  await page.getByRole("link", { name: "fold-3" }).waitFor();
  expect(nested).not.toBe("");
  expect(complaints).toEqual([]);
});

test("selected runs stand side by side: their curves on one chart, and only what differs", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${runs}?filter=${encodeURIComponent("attributes.run_name LIKE 'bright-owl-%'")}`);
  for (const name of ["bright-owl-1", "bright-owl-2", "bright-owl-3"])
    await page.getByRole("row").filter({ hasText: name }).getByRole("checkbox").check();
  await page.keyboard.press("c");
  await page.getByRole("heading", { name: "Compare 3 runs" }).waitFor();
  await page.getByText(/n = /).first().waitFor();
  await look("compare-charts");
  await page.getByRole("tab", { name: "Differences" }).click();
  await page.getByRole("rowheader", { name: /^depth/ }).waitFor();
  expect(await page.getByRole("rowheader", { name: "features" }).count()).toBe(0);
  await look("compare-differences");
  expect(complaints).toEqual([]);
});

test("a run's page shows what it was given, measured, read, made and left behind", {
  timeout: WHOLE_PAGE_MS,
}, async () => {
  const { page, go, look, complaints } = await visit();
  const [id = ""] = trained;
  await go(`${runs}/${id}`);
  await page.getByText("flights-2025", { exact: true }).waitFor();
  await page.getByText("NaN").first().waitFor();
  await look("run-overview");
  await page.getByRole("tab", { name: /Charts/ }).click();
  await page
    .getByText(/^n = 10.000, min–max band$/)
    .first()
    .waitFor();
  await look("run-charts");
  await page.getByRole("tab", { name: "Artifacts" }).click();
  for (const [file, sign] of [
    ["predictions.csv", "carrier"],
    ["config.json", '"weather"'],
    ["train.log", "epoch 0"],
    ["weights.bin", "No preview"],
  ] as const) {
    await page.getByRole("button", { name: new RegExp(file) }).click();
    await page.getByText(sign).first().waitFor();
    await look(`artifact-${file.replace(".", "-")}`);
  }
  await page.getByRole("button", { name: /report.html/ }).click();
  await page.frameLocator("iframe").getByRole("heading", { name: "Residuals" }).waitFor();
  await look("artifact-html");
  await page.getByRole("button", { name: /plots/ }).click();
  await page.getByRole("button", { name: /residuals.png/ }).click();
  await page.getByRole("img", { name: /residuals/ }).waitFor();
  await look("artifact-image");
  await page.getByRole("tab", { name: "Lineage" }).click();
  await page
    .getByRole("group", { name: "Lineage graph" })
    .getByRole("link", { name: /flight-delay v1/ })
    .waitFor();
  await look("run-lineage");
  await page.getByRole("tab", { name: "Logs" }).click();
  await look("run-logs");
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.getByText("run.created").waitFor();
  await look("run-activity");
  // A page in a sandbox may not run its script, and the browser says so: that is the proof.
  expect(complaints.filter((one) => !one.includes("Blocked script execution"))).toEqual([]);
});

test("renaming, tagging and deleting are done at once and undone at once", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${runs}?filter=${encodeURIComponent("attributes.run_name = 'linear-sweep-003'")}`);
  await page.getByRole("link", { name: "linear-sweep-003" }).click();
  await page.getByRole("heading", { name: "linear-sweep-003" }).waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("plain-line");
  await look("run-rename");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { name: "plain-line" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("heading", { name: "linear-sweep-003" }).waitFor();
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByLabel("Tag name").fill("reviewed");
  await page.getByLabel("Tag value").fill("yes");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Remove the tag reviewed" }).waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByText("This run is deleted").waitFor();
  await look("run-deleted");
  await go(`${runs}?view=deleted`);
  await page.getByRole("link", { name: "linear-sweep-003" }).waitFor();
  await look("runs-deleted");
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: /Restore/ }).click();
  await page.getByText("No deleted runs").waitFor();
  expect(complaints).toEqual([]);
});

test("what a client logs appears on the open page without a reload", async () => {
  const { page, go, complaints } = await visit();
  const api = createApi(place.url, place.token);
  const [id = ""] = running;
  await go(`${runs}/${id}`);
  await page.evaluate(() => Object.assign(window, { sameVisit: "yes" }));
  await api.inProject(PROJECT).mlflow("/runs/log-batch", {
    run_id: id,
    metrics: [{ key: "auc", value: 0.9777, timestamp: Date.now(), step: 1 }],
  });
  await page.getByText("0.9777").waitFor();
  await api
    .inProject(PROJECT)
    .mlflow("/runs/update", { run_id: id, status: "FINISHED", end_time: Date.now() });
  await page.getByRole("banner").or(page.locator("main")).getByText("Finished").first().waitFor();
  expect(await page.evaluate(() => "sameVisit" in window)).toBe(true);
  expect(complaints).toEqual([]);
});

test("a logged model has a page, and a run shows itself as code", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/logged-models/${loggedModels[0]}`);
  await page.getByRole("button", { name: "Register" }).waitFor();
  await look("logged-model");
  await go(`${runs}/${trained[1]}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Copy as code" }).click();
  await page.getByRole("tab", { name: "curl" }).click();
  await page.getByText(`/p/${PROJECT}/api/atrium/v1/runs/${trained[1]}`).waitFor();
  await look("copy-as-code");
  expect(complaints).toEqual([]);
});
