import { expect, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { PROJECT } from "./seed.ts";
import { DATASET } from "./seed-data.ts";

const { visit } = useBrowser();
const datasets = `/p/${PROJECT}/datasets`;

test("datasets are listed with their checks, searched, and looked into beside the table", async () => {
  const { page, go, look, complaints } = await visit();
  await go(datasets);
  await page.getByRole("link", { name: DATASET, exact: true }).waitFor();
  await look("datasets");
  await page.getByRole("searchbox", { name: "Search" }).fill("operations");
  await page.getByRole("link", { name: "airports" }).waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("j");
  await page.getByRole("complementary", { name: "Details" }).getByText("Newest version").waitFor();
  await page.getByRole("img", { name: /Distribution of delay/ }).waitFor();
  await look("datasets-peek");
  expect(complaints).toEqual([]);
});

test("a dataset is described and tagged with undo, and shows its newest version drawn", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${datasets}/${DATASET}`);
  await page.getByRole("img", { name: /Distribution of distance/ }).waitFor();
  await look("dataset");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Description, in Markdown").fill("Every *departure*.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("em", { hasText: "departure" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("comes every night from operations").waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Copy as code" }).click();
  await look("dataset-code");
  expect(complaints).toEqual([]);
});

test("two versions are drawn over one another, what differs first", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${datasets}/${DATASET}?tab=versions`);
  for (const version of ["Version 1", "Version 2"])
    await page.getByRole("row").filter({ hasText: version }).getByRole("checkbox").check();
  await look("dataset-versions");
  await page.getByRole("button", { name: /Compare/ }).click();
  await page.getByRole("img", { name: /Distributions of delay/ }).waitFor();
  await look("dataset-compare");
  expect(complaints).toEqual([]);
});

test("a version's columns are drawn, its failing rows shown, its rows paged and asked in SQL", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${datasets}/${DATASET}/versions/2`);
  await page.getByRole("img", { name: /Distribution of delay/ }).waitFor();
  await look("dataset-version");
  await page.getByRole("tab", { name: /Checks/ }).click();
  await page.getByText("Rows that fail, for example").first().waitFor();
  await look("dataset-checks");
  await page.getByRole("tab", { name: "Rows" }).click();
  await page.getByText("F100000", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Next rows" }).click();
  await page.getByText("F100100", { exact: true }).waitFor();
  await look("dataset-rows");
  await page.getByRole("tab", { name: "SQL" }).click();
  await page
    .getByRole("textbox")
    .fill(
      "SELECT origin, count(*) AS flights, avg(delay) AS late FROM data GROUP BY origin ORDER BY late DESC",
    );
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("region", { name: "Answer" }).getByText("JFK").waitFor();
  await look("dataset-sql");
  expect(complaints).toEqual([]);
});

test("a statement that is none is refused in words, and nothing but reading is allowed", async () => {
  const { page, go } = await visit();
  await go(`${datasets}/${DATASET}/versions/1?tab=sql`);
  await page.getByRole("textbox").fill("DROP TABLE data");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.getByRole("textbox").fill("SELECT nothing_of_this FROM data");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("alert").getByText("nothing_of_this").waitFor();
});

test("a certification is withdrawn and given with a note; failed checks forbid it", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${datasets}/${DATASET}/versions/2?tab=about`);
  await page.getByText(/cannot be certified/).waitFor();
  expect(await page.getByRole("button", { name: "Certify" }).count()).toBe(0);
  await go(`${datasets}/${DATASET}/versions/1?tab=about`);
  await page.getByText("Compared with the airports' own counts.").waitFor();
  await look("dataset-version-about");
  await page.getByRole("button", { name: "Withdraw" }).click();
  await page.getByLabel("Note").fill("Counted once more.");
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await page.getByRole("button", { name: "Certify" }).click();
  await page.getByLabel("Note").fill("Good for training.");
  await look("dataset-certify");
  await page.getByRole("dialog").getByRole("button", { name: "Certify" }).click();
  await page.getByText("Good for training.").waitFor();
  await page.getByRole("tab", { name: "Lineage" }).click();
  await page.getByRole("group", { name: "Lineage graph" }).waitFor();
  await look("dataset-lineage");
  await page.getByRole("tab", { name: "Activity" }).click();
  await page.getByText("dataset.certified").first().waitFor();
  expect(complaints).toEqual([]);
});
