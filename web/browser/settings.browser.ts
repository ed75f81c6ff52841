import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const { person, url, token } = inject("place");
const settings = `/p/${PROJECT}/settings`;

test("a project's name and retention are set; a limit is set and taken back", async () => {
  const { page, go, look, complaints } = await visit();
  await go(settings);
  await page.getByLabel("Description").fill("Delays at departure, by carrier.");
  await look("settings-project");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Saved").waitFor();
  await page.getByLabel("For at most, days").fill("30");
  await page.getByRole("button", { name: "Save" }).last().click();
  await page.reload();
  await page.waitForFunction(
    () => document.querySelector<HTMLInputElement>('input[type="number"]')?.value === "30",
  );
  await page.getByRole("tab", { name: "Limits" }).click();
  await page.getByRole("button", { name: /limit of runs/ }).click();
  await page.getByLabel("At most").fill("1000");
  await page.getByRole("button", { name: "Set the limit" }).click();
  await page.getByText(/of 1.000/).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText(/of 1.000/).waitFor({ state: "detached" });
  await look("settings-limits");
  expect(complaints).toEqual([]);
});

test("a webhook is added, tried, switched off and deleted; its secret is never shown", async () => {
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(String(request.headers["x-mlflow-signature"]));
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/models`;
  const { page, go, look, complaints } = await visit();
  const api = createApi(url, token);
  await api.ours("PATCH", `/projects/${PROJECT}`, { settings: { privateWebhookHosts: ["127.0.0.1"] } });
  await go(`${settings}?tab=webhooks`);
  await page.getByText("Nobody is told yet").waitFor();
  await look("settings-webhooks-empty");
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Name").fill("ci");
  await page.getByLabel("Address").fill(address);
  await page.getByLabel("Signing secret").fill("hush-hush-hush");
  await page.getByLabel("a model is made").check();
  await look("settings-webhook-new");
  await page.getByRole("button", { name: "Add the webhook" }).click();
  await page.getByRole("button", { name: "Test ci" }).click();
  await page.getByText("ci answered 204.").waitFor();
  expect(received[0]).toMatch(/^v1,/);
  await api.inProject(PROJECT).mlflow("/registered-models/create", { name: "told-of" });
  await page.getByRole("cell", { name: "ci", exact: true }).click();
  const details = page.getByRole("complementary", { name: "Details" });
  await details.getByText("Delivered, 204").waitFor();
  await look("settings-webhooks");
  expect(await page.content()).not.toContain("hush-hush-hush");
  await page.getByRole("row").nth(1).getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByLabel(/to go on/).fill("ci");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Nobody is told yet").waitFor();
  await api.inProject(PROJECT).mlflow("/registered-models/delete", { name: "told-of" }, "DELETE"); // Home counts the models.
  receiver.close();
  expect(complaints).toEqual([]);
});

test("a secret goes in, is replaced and deleted, and is never shown", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`${settings}?tab=secrets`);
  await look("settings-secrets-empty");
  await page.getByRole("button", { name: "New secret" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("WAREHOUSE_PASSWORD");
  await page.getByLabel("Value").fill("hush-hush-hush");
  await page.getByRole("button", { name: "Set the secret" }).click();
  await page.getByRole("cell", { name: "WAREHOUSE_PASSWORD", exact: true }).waitFor();
  await look("settings-secrets");
  expect(await page.content()).not.toContain("hush-hush-hush");
  await page.getByRole("button", { name: "Delete WAREHOUSE_PASSWORD" }).click();
  await page.getByLabel(/to go on/).fill("WAREHOUSE_PASSWORD");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("No secrets yet").waitFor();
  expect(complaints).toEqual([]);
});

test("projects are made, archived, deleted, restored and purged", async () => {
  const { page, go, look, complaints } = await visit();
  await go("/settings?tab=organisation");
  await page.getByRole("link", { name: "Flights" }).waitFor();
  await look("settings-organisation");
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByRole("textbox", { name: "Short name" }).fill("short-lived");
  await look("settings-new-project");
  await page.getByRole("button", { name: "Create the project" }).click();
  await page.waitForURL(/\/p\/short-lived$/);
  await go("/p/short-lived/settings");
  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByText("is archived: everything can be read").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Archive" }).waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByLabel(/to go on/).fill("short-lived");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(/state=deleted/);
  const row = page.getByRole("row").filter({ hasText: "short-lived" });
  await look("settings-deleted");
  await row.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Purge for good" }).click();
  await page.getByLabel(/to go on/).fill("short-lived");
  await page.getByRole("dialog").getByRole("button", { name: "Purge for good" }).click();
  await row.waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});

test("a person changes their name, theme and rows, and sees where they are signed in", async () => {
  const { page, go, look, complaints } = await visit();
  await go("/settings?tab=you");
  await look("settings-you");
  await page.getByRole("textbox", { name: "Name" }).fill("Mira O.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: /Mira O\., your menu/ }).waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill(person.displayName);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Dark").check();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  await page.getByLabel("As the system").check();
  await page.getByLabel("Compact").check();
  await go(`/p/${PROJECT}/runs`);
  expect((await page.getByRole("row").nth(1).boundingBox())?.height).toBe(28);
  await go("/settings?tab=sessions");
  await page.getByText("this one").waitFor();
  await look("settings-sessions");
  await go("/settings?tab=about");
  await page.getByText(/^Atrium \d/).waitFor();
  await look("settings-about");
  expect(complaints).toEqual([]);
});
