import { expect, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { PROJECT } from "./seed.ts";
import { SERVICE, VIEW } from "./seed-data.ts";

const { visit } = useBrowser();
const features = `/p/${PROJECT}/features`;

test("views are listed with their freshness against the time to live, services and entities beside them", async () => {
  const { page, go, look, complaints } = await visit();
  await go(features);
  await page.getByRole("link", { name: VIEW }).waitFor();
  await page.getByText("stale").first().waitFor();
  await look("features");
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("j");
  await page.getByRole("complementary", { name: "Details" }).getByText("Definition").waitFor();
  await look("features-peek");
  await page.keyboard.press("Escape");
  for (const [tab, words] of [
    ["Services", SERVICE],
    ["Entities", "airport"],
    ["Training sets", `${SERVICE} 1`],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByText(words, { exact: true }).first().waitFor();
    await look(`features-${tab.toLowerCase().replace(" ", "-")}`);
  }
  expect(complaints).toEqual([]);
});

test("a view tells its features in words, is brought online live, and its lineage is drawn", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${features}/views/${VIEW}`);
  await page.getByText(/mean of delay over 7d/).waitFor();
  await look("feature-view");
  await page.getByRole("button", { name: "Bring online" }).click();
  await page
    .getByText(/what came since|everything/)
    .first()
    .waitFor();
  await expect.poll(() => page.getByText("Finished").count(), { timeout: 60_000 }).toBeGreaterThan(1);
  await look("feature-materializations");
  await page.getByRole("tab", { name: "Lineage" }).click();
  await page.getByRole("group", { name: "Lineage graph" }).waitFor();
  await look("feature-lineage");
  expect(complaints).toEqual([]);
});

test("values of an entity say whether they are there, and a link asks the same again", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${features}/services/${SERVICE}?tab=values`);
  await page.getByLabel("origin").fill("SEA");
  await page.getByRole("button", { name: "Read the values" }).click();
  const values = page.getByRole("region", { name: "Values" });
  await values.getByText("present").first().waitFor();
  await values.getByText("stale").waitFor();
  await look("feature-values");
  expect(new URL(page.url()).searchParams.get("key.origin")).toBe("SEA");
  await page.getByLabel("origin").fill("ZZZ");
  await page.getByRole("button", { name: "Read the values" }).click();
  await values.getByText("missing").first().waitFor();
  await look("feature-values-missing");
  expect(complaints).toEqual([]);
});

test("a service shows what it serves and how the feast client asks for it", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${features}/services/${SERVICE}`);
  await page.getByText("get_online_features").waitFor();
  await look("feature-service");
  expect(complaints).toEqual([]);
});

test("a training set shows its statistics, of what it was made, its plan and its SQL", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${features}/training-sets/${SERVICE}/1`);
  await page.getByRole("region", { name: "Statistics" }).waitFor();
  await page.getByRole("link", { name: "flight_delay v1" }).first().waitFor();
  await look("training-set");
  await page.getByRole("tab", { name: "Plan and SQL" }).click();
  await page.getByText("The statement that made it").waitFor();
  await look("training-set-plan");
  expect(complaints).toEqual([]);
});
