import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const place = inject("place");

test("a person who was invited comes in by the link and finds themselves at home", async () => {
  const { page, go, look, complaints } = await visit("stranger");
  const api = createApi(place.url, place.token);
  const link = await api.invite("ines@example.org");
  await go("/sign-in");
  await look("sign-in");
  await go(link);
  await look("join");
  await page.getByLabel("Your name").fill("Ines Duarte");
  await page.getByLabel(/^Password/).fill("seventeen quiet lamps");
  await page.getByRole("button", { name: /join|come in/i }).click();
  await page.getByRole("navigation", { name: "Where you are" }).waitFor();
  expect(complaints).toEqual([]);
});

test("a wrong password is refused in words, the right one lets in and goes on to where one was", async () => {
  const { page, go, complaints } = await visit("stranger");
  await page.goto(`${place.url}/p/${PROJECT}/models`);
  await page.getByLabel("E-mail").fill(place.person.email);
  await page.getByLabel("Password").fill("not this one, surely");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill(place.person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Models", level: 1 }).waitFor();
  expect(complaints.filter((one) => !one.includes("401"))).toEqual([]);
  await go("/");
});

test("home draws the flow with counts, trouble and what runs now", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}`);
  const runs = page.getByRole("region", { name: "Runs" });
  await runs.getByText(/failed in a day/).waitFor();
  await page.getByRole("region", { name: "Models" }).getByText("5", { exact: true }).waitFor();
  await page.getByRole("link", { name: "night-shift" }).first().waitFor();
  await look("home");
  await runs.getByRole("link", { name: /failed in a day/ }).click();
  await page.waitForURL(/\/runs\?filter=/);
  expect(complaints).toEqual([]);
});

test("the keyboard reaches every room, the palette, the filter, the rows and back", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}`);
  await page.keyboard.type("gr");
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  await page.getByRole("table", { name: "Runs" }).waitFor();
  await page.keyboard.press("/");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Filter");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.getByRole("complementary", { name: "Details" }).waitFor();
  const peeked = new URL(page.url()).searchParams.get("peek");
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name: "Details" }).waitFor({ state: "detached" });
  await page.keyboard.press("j");
  expect(new URL(page.url()).searchParams.get("peek")).toBe(peeked);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/runs/${peeked}`));
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await look("help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find anything" }).fill("flight");
  await page
    .getByRole("option", { name: /flight-delay/ })
    .first()
    .waitFor();
  await look("palette");
  await page.keyboard.press("Escape");
  for (const [key, heading] of [
    ["n", "Notebooks"],
    ["d", "Datasets"],
    ["f", "Features"],
    ["p", "Pipelines"],
    ["m", "Models"],
    ["e", "Endpoints"],
    ["o", "Monitoring"],
    ["c", "Compute"],
    ["l", "Logs & metrics"],
    ["u", "Audit"],
    ["a", "Access"],
    ["s", "Settings"],
  ] as const) {
    await page.keyboard.type(`g${key}`);
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  }
  expect(complaints).toEqual([]);
});

test("on a phone the rooms are in a sheet, and an unknown address says so", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/nowhere`);
  await look("not-found");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Rooms" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Runs" }).click();
  await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
  expect(complaints).toEqual([]);
});
