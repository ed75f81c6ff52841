import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { EMPTY_PROJECT, PROJECT } from "./seed.ts";
import { until } from "./seed-data.ts";
import { DIRECT_ENDPOINT, ENDPOINT, SERVED_MODEL } from "./seed-serving.ts";

const { visit } = useBrowser();
const { url, token } = inject("place");
const api = createApi(url, token);
const endpoints = `/p/${PROJECT}/endpoints`;

test("an empty room teaches the command that deploys", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${EMPTY_PROJECT}/endpoints`);
  await page.getByText("atrium deploy my-endpoint").waitFor();
  await look("endpoints-empty");
  expect(complaints).toEqual([]);
});

test("endpoints are listed with what they serve and how they do, and looked into beside the table", async () => {
  const { page, go, look, complaints } = await visit();
  await go(endpoints);
  await page.getByRole("link", { name: ENDPOINT, exact: true }).waitFor();
  await page
    .getByRole("img", { name: /predictions in the last hour/ })
    .first()
    .waitFor();
  await look("endpoints");
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("j");
  await page.getByRole("complementary", { name: "Details" }).getByText("Ask it").waitFor();
  await look("endpoints-peek");
  expect(complaints).toEqual([]);
});
