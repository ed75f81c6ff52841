import type { ServingEndpoint } from "@atrium/contract/serving";
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
const NEWCOMER = { origin: "XNA", hour: 9, carrier: "AA" };

interface Asked {
  predictions: { predictionId: string; servedBy: string }[];
}

const ask = (endpoint: string, instances: object[]) =>
  api.inProject(PROJECT).ours<Asked>("POST", `/endpoints/${endpoint}/predict`, { instances });

/** Gives the first deployment that share, and the second the rest. */
async function divide(first: number): Promise<void> {
  const path = `/endpoints/${ENDPOINT}`;
  const { deployments } = await api.inProject(PROJECT).ours<ServingEndpoint>("GET", path);
  const routes = deployments.map(({ id, number }) => ({
    deployment: id,
    weight: number === 1 ? first : 100 - first,
  }));
  await api.inProject(PROJECT).ours("PUT", `${path}/traffic`, { routes });
}

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

test("a known entity is answered by the model, a new one by a step of the chain; feedback goes to the id", async () => {
  // The worker makes the chain's tables within a minute of the endpoint.
  await until(
    () => ask(ENDPOINT, [NEWCOMER]),
    ({ predictions }) => predictions[0]?.servedBy === "segment",
  );
  const { page, go, look, complaints } = await visit();
  await go(`${endpoints}/${ENDPOINT}?tab=try`);
  await page.getByLabel("origin").fill("SEA");
  await page.getByLabel("carrier").fill("AA");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText("known", { exact: true }).waitFor();
  await page.getByLabel("origin").fill(NEWCOMER.origin);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await answer.getByText(/What entities of the same segment/).waitFor();
  await answer.getByLabel("What came true").fill("17.5");
  await answer.getByRole("button", { name: "Send feedback" }).click();
  await answer.getByText("The label 17.5 is kept").waitFor();
  await look("endpoint-try");
  await answer.getByRole("link", { name: "in the log" }).click();
  const details = page.getByRole("complementary", { name: "Details" });
  await details.getByText("Features joined").waitFor();
  await details.getByText("17.5").waitFor();
  await look("endpoint-prediction");
  expect(complaints).toEqual([]);
});

test("a model that is asked by its own inputs has its own example filled in", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${endpoints}/${DIRECT_ENDPOINT}?tab=try`);
  expect(await page.getByLabel("hour").inputValue()).toBe("17");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByRole("region", { name: "Answer" }).getByText("Model", { exact: true }).waitFor();
  await look("endpoint-try-direct");
  expect(complaints).toEqual([]);
});

test("the overview shows shares, verdict, numbers and who answered, and follows what happens elsewhere", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${endpoints}/${ENDPOINT}`);
  await page.getByRole("region", { name: "Canary" }).waitFor();
  await page.getByRole("img", { name: /^Predictions a second/ }).waitFor();
  await page.getByRole("region", { name: "Cold start" }).getByText("Segment").waitFor();
  await look("endpoint");
  await page.getByRole("region", { name: "Cold start" }).scrollIntoViewIfNeeded();
  await look("endpoint-numbers");
  await divide(70);
  await page.getByRole("img", { name: "deployment 1: 70 %, deployment 2: 30 %" }).waitFor();
  expect(complaints).toEqual([]);
});

test("traffic is divided by the keyboard, saved whole, and rolled back after one question", async () => {
  await divide(70);
  const { page, go, look, complaints } = await visit();
  await go(`${endpoints}/${ENDPOINT}`);
  const slider = page.getByRole("slider", { name: "Share of deployment 2" });
  await slider.focus();
  for (let step = 0; step < 20; step++) await page.keyboard.press("ArrowRight");
  await page.getByRole("img", { name: "deployment 1: 50 %, deployment 2: 50 %" }).waitFor();
  await page.getByRole("button", { name: "Divide the traffic" }).click();
  await page.getByRole("button", { name: "Divide the traffic" }).waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText("Traffic divided").first().waitFor();
  await look("endpoint-history");
  await page.getByRole("button", { name: "Roll back", exact: true }).click();
  await look("endpoint-roll-back");
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page.getByText("Rolled back").first().waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  await page.getByRole("img", { name: "deployment 1: 70 %, deployment 2: 30 %" }).waitFor();
  expect(complaints).toEqual([]);
});

test("predictions are listed as they are made, and the snippets hold no token", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${endpoints}/${DIRECT_ENDPOINT}?tab=predictions`);
  await page.getByRole("table", { name: "Predictions" }).waitFor();
  await ask(DIRECT_ENDPOINT, [{ mean_delay_7d: 1234, count_1d: 1, hour: 1 }]);
  await page.getByText(/1234/).first().waitFor({ timeout: 45_000 });
  await look("endpoint-predictions");
  await page.getByRole("tab", { name: "Use it" }).click();
  for (const client of ["curl", "Python (requests)", "Python (mlflow)", "tritonclient"]) {
    await page.getByRole("tab", { name: client, exact: true }).click();
    const code = await page.locator("pre:visible").textContent();
    expect(code).toContain(`/p/${PROJECT}`);
    expect(code).toContain("ATRIUM_TOKEN");
    expect(code).not.toContain(token);
  }
  await look("endpoint-code");
  expect(complaints).toEqual([]);
});

test("a version's page leads to the form that deploys it; what is refused is said there, and the rest is deleted again", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/models/${SERVED_MODEL}/versions/2`);
  await page.getByText("serves at").waitFor();
  await look("version-served");
  await page.getByRole("link", { name: "Deploy", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Endpoint").fill("by hand");
  await dialog.getByRole("button", { name: "Deploy" }).click();
  await dialog.getByText(/1 to 63 letters/).waitFor();
  expect(complaints.splice(0)).toHaveLength(1);
  await dialog.getByLabel("Endpoint").fill("by-hand");
  await look("endpoint-deploy");
  await dialog.getByRole("button", { name: "Deploy" }).click();
  await page.waitForURL(/endpoints\/by-hand/);
  await page.getByText("Ready", { exact: true }).first().waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "More actions" }).first().click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByLabel(/to go on/).fill("by-hand");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Endpoints", level: 1 }).waitFor();
  await page.getByRole("link", { name: "by-hand" }).waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});
