import { expect, inject, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { EMPTY_PROJECT, PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const place = inject("place");

test("an empty project teaches its first command, with a token made on click", async () => {
  const { page, go, look, complaints } = await visit();
  for (const [name, path] of [
    ["empty-home", `/p/${EMPTY_PROJECT}`],
    ["empty-runs", `/p/${EMPTY_PROJECT}/runs`],
    ["empty-models", `/p/${EMPTY_PROJECT}/models`],
    ["empty-datasets", `/p/${EMPTY_PROJECT}/datasets`],
    ["empty-features", `/p/${EMPTY_PROJECT}/features`],
    ["empty-logs", `/p/${EMPTY_PROJECT}/logs`],
  ] as const) {
    await go(path);
    await look(name);
  }
  await go(`/p/${EMPTY_PROJECT}/runs`);
  await page.getByText(`${place.url}/p/${EMPTY_PROJECT}`).first().waitFor();
  await page.getByRole("button", { name: "Put a new token into the command" }).click();
  await page.getByText("The token works for 90 days").waitFor();
  const command = (await page.locator("pre").first().textContent()) ?? "";
  const token = /MLFLOW_TRACKING_TOKEN=(\S+)/.exec(command)?.[1] ?? "";
  const answer = await fetch(`${place.url}/p/${EMPTY_PROJECT}/api/atrium/v1/runs`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
  expect(complaints).toEqual([]);
});

test("an error says what happened with its request id, and trying again mends it", async () => {
  const { page, go, look } = await visit();
  const failing = /\/api\/atrium\/v1\/(runs|models)(\?|$)/;
  await page.route(failing, (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/json",
      body: JSON.stringify({
        error: { code: "unavailable", message: "The database does not answer.", requestId: "req-7f3a9b2c" },
      }),
    }),
  );
  for (const room of ["runs", "models"]) {
    await page.goto(`${place.url}/p/${PROJECT}/${room}`);
    await page.getByText("req-7f3a9b2c").waitFor({ timeout: 20_000 });
    await look(`error-${room}`);
  }
  await page.unroute(failing);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("table", { name: "Models" }).waitFor();
  await go(`/p/${PROJECT}/runs/no-such-run`);
  await page.getByRole("alert").waitFor();
  await look("error-no-such-run");
});

test("a slow server shows where things will be, and nothing jumps when they come", async () => {
  const { page, look, complaints } = await visit();
  await page.route(/\/api\/atrium\/v1\/(runs|models)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await route.continue();
  });
  await page.goto(`${place.url}/p/${PROJECT}/runs`);
  await page.getByRole("status", { name: "Loading" }).waitFor();
  const header = await page.getByRole("heading", { name: "Runs", level: 1 }).boundingBox();
  await look("slow-runs");
  await page.getByRole("table", { name: "Runs" }).waitFor();
  expect(await page.getByRole("heading", { name: "Runs", level: 1 }).boundingBox()).toEqual(header);
  expect(complaints).toEqual([]);
});

test("at 200 % zoom everything is still there", async () => {
  const { page, go, complaints } = await visit();
  // Twice as large is the same as half as wide.
  await page.setViewportSize({ width: 720, height: 450 });
  for (const path of ["", "/runs", "/models", "/settings"]) {
    await go(`/p/${PROJECT}${path}`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, path).toBeLessThanOrEqual(0);
    await page.screenshot({ path: `shots/zoom${path.replace("/", "-")}.png` });
  }
  expect(complaints).toEqual([]);
});
