import { expect, inject, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { MODEL, PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const { trained } = inject("seeded");
const models = `/p/${PROJECT}/models`;

test("models are listed with their aliases, filtered, and looked into beside the table", async () => {
  const { page, go, look, complaints } = await visit();
  await go(models);
  await page.getByRole("link", { name: MODEL }).waitFor();
  await look("models");
  await page.getByRole("combobox", { name: "Filter" }).fill("name ILIKE '%DELAY%'");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "taxi-time" }).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.getByRole("complementary", { name: "Details" }).getByText("Newest versions").waitFor();
  await look("models-peek");
  expect(complaints).toEqual([]);
});

test("an alias moves with one action, and undo moves it back; its history tells", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${models}/${MODEL}`);
  await page.getByText("Alias history").waitFor();
  await look("model");
  const aliases = page.locator("section").filter({ has: page.getByRole("heading", { name: "Aliases" }) });
  await page.getByRole("button", { name: "Move to, for champion" }).click();
  await page.getByRole("menuitem", { name: "Version 3" }).click();
  await aliases.getByRole("link", { name: "version 3" }).waitFor();
  await page.getByText("v2 → v3").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await aliases.getByRole("link", { name: "version 2" }).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Description, in Markdown").fill("Minutes of **delay** at departure.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("strong", { hasText: "delay" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("heading", { name: "Flight delay" }).waitFor();
  expect(complaints).toEqual([]);
});

test("versions are compared by what their runs measured and were given", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${models}/${MODEL}?tab=versions`);
  for (const version of ["Version 1", "Version 3"])
    await page.getByRole("row").filter({ hasText: version }).getByRole("checkbox").check();
  await look("model-versions");
  await page.getByRole("button", { name: /Compare/ }).click();
  await page.getByRole("rowheader", { name: /rmse/ }).waitFor();
  await page.getByText("best").first().waitFor();
  await look("versions-compare");
  expect(complaints).toEqual([]);
});

test("a version's page leads to its run, shows signature, files, lineage, and takes an alias", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${models}/${MODEL}/versions/3`);
  await page.getByText("delay_minutes").waitFor();
  await page.getByRole("link", { name: "bright-owl-3" }).first().waitFor();
  await look("version");
  await page.getByRole("button", { name: "Set alias" }).click();
  await page.getByRole("menuitem", { name: "New alias here…" }).click();
  await page.getByRole("textbox", { name: "Alias" }).fill("night");
  await look("alias-new");
  await page.getByRole("button", { name: "Set alias" }).last().click();
  await page.getByTitle("@night").waitFor();
  await page.getByRole("tab", { name: "Files" }).click();
  await page.getByRole("button", { name: /MLmodel/ }).click();
  await page.getByText("loader_module").waitFor();
  await look("version-files");
  await page.getByRole("tab", { name: "Lineage" }).click();
  await page.getByRole("group", { name: "Lineage graph" }).waitFor();
  await look("version-lineage");
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.getByRole("listitem").filter({ hasText: "model-version." }).first().waitFor();
  await look("version-activity");
  expect(complaints).toEqual([]);
});

test("a run's files become a version of a new model, and the model can be deleted again", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/runs/${trained[0]}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Register its model" }).click();
  await page.getByLabel("Model", { exact: true }).fill("delay-by-hand");
  await look("register");
  await page.getByRole("button", { name: "Register", exact: true }).click();
  await page.waitForURL(/delay-by-hand\/versions\/1/);
  await go(`${models}/delay-by-hand`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByLabel(/to go on/).fill("delay-by-hand");
  await look("model-delete");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Models", level: 1 }).waitFor();
  await page.getByRole("link", { name: "delay-by-hand" }).waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

test("a model's name may hold what addresses write otherwise", async () => {
  const { page, go, complaints } = await visit();
  await go(models);
  await page.getByRole("link", { name: "crew 100% standby" }).click();
  await page.getByRole("heading", { name: "crew 100% standby", level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "crew 100% standby", level: 1 }).waitFor();
  expect(complaints).toEqual([]);
});
