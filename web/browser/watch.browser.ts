import { expect, inject, test } from "vitest";
import { useBrowser } from "./browser.ts";
import { PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const { trained } = inject("seeded");

test("the server's own lines and metrics are searched and drawn", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/logs`);
  await look("logs");
  await go(`/p/${PROJECT}/logs?scope=instance`);
  await page.getByRole("row").nth(1).waitFor();
  await look("logs-instance");
  expect(complaints).toEqual([]);
});

test("the audit trail is searched, a record is opened whole, and the chain verifies", async () => {
  const { page, go, look, complaints } = await visit();
  await go("/audit");
  await page.getByRole("table").waitFor();
  await look("audit");
  await page.getByRole("row").nth(1).click();
  await page.getByRole("complementary", { name: "Details" }).waitFor();
  await look("audit-record");
  await page
    .getByRole("button", { name: /Verify/ })
    .first()
    .click();
  await page.getByText(/are as they were written/).waitFor({ timeout: 30_000 });
  await look("audit-verified");
  expect(complaints).toEqual([]);
});

test("a token is made, shown once and revoked; people, groups, roles and grants have their tables", async () => {
  const { page, go, look, complaints } = await visit();
  await go("/access");
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByLabel("What is it for?").fill("Laptop");
  await look("access-new-token");
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("Copy it now").waitFor();
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("row").filter({ hasText: "Laptop" }).waitFor();
  await look("access-tokens");
  for (const tab of ["People", "Groups", "Service accounts", "Roles", "Who has what"]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.waitForTimeout(300);
    await look(`access-${tab.toLowerCase().replaceAll(" ", "-")}`);
  }
  expect(trained.length).toBe(4);
  expect(complaints).toEqual([]);
});
