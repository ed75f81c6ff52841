import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { EMPTY_PROJECT } from "./seed.ts";
import { DRIFT_HOURS, MONITOR, MONITORED, QUIET_HOUR, seedMonitors } from "./seed-monitors.ts";

const PROJECT = "departures";
const HOUR_MS = 3_600_000;
const SEED_TIMEOUT_MS = 360_000; // A dataset, and eighteen windows of it by the real engine beside a busy browser.

const REDRAW_TIMEOUT_MS = 10_000; // A chart is drawn anew when its window was resized, as looking at it does.
const FIRST_WINDOW_TIMEOUT_MS = 80_000; // A look of the worker, a reference of seven columns, and a window.

const { visit } = useBrowser();
const room = `/p/${PROJECT}/monitoring`;
const page = `${room}/monitors/${MONITOR}`;
const received: string[] = [];
let receiver: Server;
let startMs = 0;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    received.push(String(request.headers["webhook-signature"]));
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { url, token } = inject("place");
  const api = createApi(url, token);
  await api.ours("POST", "/projects", { slug: PROJECT, name: "Departures" });
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  ({ startMs } = await seedMonitors(api, PROJECT, hook));
}, SEED_TIMEOUT_MS);
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});

test("a place where nothing is watched says how to begin", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`/p/${EMPTY_PROJECT}/monitoring`);
  await tab.getByRole("heading", { name: "Nothing is watched yet" }).waitFor();
  await look("monitoring-empty");
  expect(complaints).toEqual([]);
});

test("monitors are listed with their incidents, and looked into beside the table", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(room);
  await tab.getByRole("link", { name: MONITOR, exact: true }).waitFor();
  await tab.getByRole("heading", { level: 1 }).click();
  await tab.keyboard.press("j");
  const details = tab.getByRole("complementary", { name: "Details" });
  await details.getByRole("region", { name: "Farthest from the reference" }).waitFor();
  await look("monitoring");
  expect(complaints).toEqual([]);
});

test("a monitor says what moved and what is wrong", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(page);
  await tab.getByRole("img", { name: /^PSI of wind/ }).waitFor();
  await look("monitor");
  expect(complaints).toEqual([]);
});

test("features are drawn worst first, and a click on a window shows its values beside the reference's", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`${page}?tab=drift`);
  const drifted = startMs + (DRIFT_HOURS.from + 1) * HOUR_MS;
  await tab.getByRole("combobox", { name: "Window", exact: true }).selectOption(String(drifted));
  const first = tab.getByRole("main").getByRole("listitem").first();
  await first.getByRole("button", { name: "wind", exact: true }).waitFor();
  await first.getByRole("img", { name: /0.25 at 0.25/ }).waitFor();
  await look("monitor-drift");
  const box = await vi.waitFor(async () => {
    const drawn = await first.locator(".u-over").boundingBox();
    if (!drawn?.width) throw new Error("the chart has no size");
    return drawn;
  }, REDRAW_TIMEOUT_MS);
  await tab.mouse.click(box.x + box.width * 0.2, box.y + box.height / 2);
  const details = tab.getByRole("complementary", { name: "Details" });
  await details.getByRole("img", { name: /Distributions of wind/ }).waitFor();
  expect(new URL(tab.url()).searchParams.get("window")).not.toBe(String(drifted));
  await details.getByRole("combobox", { name: "Window" }).selectOption(String(drifted));
  await details.getByText("Jensen–Shannon").waitFor();
  await look("monitor-drift-window");
  expect(complaints).toEqual([]);
});

test("categories stand in pairs, and those that the reference did not have are named", async () => {
  const { page: tab, go, look, complaints } = await visit();
  const drifted = startMs + (DRIFT_HOURS.from + 1) * HOUR_MS;
  const details = tab.getByRole("complementary", { name: "Details" });
  await go(`${page}?tab=drift&peek=carrier&window=${drifted}`);
  await details.getByText("unseen", { exact: true }).waitFor();
  await look("monitor-drift-categories");
  expect(complaints).toEqual([]);
});

test("a window that is too small says insufficient, and no number", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`${page}?tab=drift&window=${startMs + QUIET_HOUR * HOUR_MS}`);
  await tab.getByText("insufficient, n = 40").first().waitFor();
  expect(await tab.getByRole("main").getByRole("listitem").first().textContent()).not.toMatch(/0\.00/);
  await look("monitor-insufficient");
  expect(complaints).toEqual([]);
});

test("quality, performance and segments are drawn", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`${page}?tab=quality`);
  await tab.getByRole("img", { name: /^Nulls of gust/ }).waitFor();
  await look("monitor-quality");
  await go(`${page}?tab=performance`);
  await tab.getByRole("img", { name: /^MAE/ }).waitFor();
  await look("monitor-performance");
  await go(`${page}?tab=segments`);
  await tab.getByRole("columnheader", { name: "west-coast" }).waitFor();
  await tab
    .getByText(/insufficient, n = /)
    .first()
    .waitFor();
  await look("monitor-segments");
  expect(complaints).toEqual([]);
});

test("a rule is tried on the windows so far, made, muted and switched off with undo", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`${page}?tab=rules`);
  await tab.getByRole("button", { name: "wind drifts" }).waitFor();
  await tab.getByRole("button", { name: "New rule" }).click();
  const dialog = tab.getByRole("dialog");
  await dialog.getByLabel("Feature").selectOption("carrier");
  await dialog.getByLabel("Threshold").fill("0.5");
  await dialog.getByRole("button", { name: /^Try/ }).click();
  await dialog.getByText(/^1 incident in \d+ windows/).waitFor();
  await look("monitor-rule-trial");
  await dialog.getByRole("button", { name: "Add the rule" }).click();
  const row = tab.getByRole("row").filter({ hasText: "PSI of carrier above 0.5" });
  await row.waitFor();
  await row.getByRole("button", { name: "More actions" }).click();
  await tab.getByRole("menuitem", { name: "Mute for a time" }).click();
  await dialog.getByLabel("Why").fill("The airline moved in; we know.");
  await dialog.getByRole("button", { name: "Silence" }).click();
  await row.getByText("muted").waitFor();
  await look("monitor-rules");
  await row.getByRole("button", { name: "More actions" }).click();
  await tab.getByRole("menuitem", { name: "Switch off" }).click();
  await row.getByText("Switched off").waitFor();
  await tab.getByRole("button", { name: "Undo" }).click();
  await row.getByText("On", { exact: true }).waitFor();
  await go(`${room}?tab=silences`);
  await tab.getByText("The airline moved in; we know.").waitFor();
  await look("monitoring-silences");
  await tab.getByRole("button", { name: "End now" }).click();
  await tab.getByRole("heading", { name: "Nothing is silenced" }).waitFor();
  expect(complaints).toEqual([]);
});

test("an incident tells what fired and who was told, and is acknowledged with a note", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`${room}?tab=incidents`);
  await tab.getByRole("link", { name: "gusts are missing" }).waitFor();
  await look("monitoring-incidents");
  await tab.getByRole("link", { name: "gusts are missing" }).click();
  await tab.getByRole("region", { name: "Timeline" }).getByText("Delivered, 204").first().waitFor();
  await tab.getByRole("button", { name: "Acknowledge" }).click();
  await tab.getByLabel("Note").fill("The sensor at the gate is out.");
  await tab.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
  await tab.getByText("The sensor at the gate is out.").waitFor();
  await look("incident");
  await tab.getByRole("button", { name: "Resolve" }).click();
  await tab.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
  await tab.getByText("Resolved", { exact: true }).first().waitFor();
  expect(complaints).toEqual([]);
});

test("a channel is tested, and what became of the message shows by itself", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`${room}?tab=channels`);
  const before = received.length;
  await tab.getByRole("button", { name: "Test duty desk" }).click();
  const log = tab.getByRole("region", { name: "Delivery log" });
  await log.getByRole("listitem").filter({ hasText: "Test" }).getByText("Delivered, 204").waitFor();
  expect(received.length).toBeGreaterThan(before);
  expect(received.at(-1)).toMatch(/^v1,/);
  await look("monitoring-channels");
  await tab.getByRole("button", { name: "New channel" }).click();
  await tab.getByLabel("Name").fill("credentials");
  await tab.getByLabel("Address").fill("https://someone:secret@hooks.example.org/alerts");
  await tab.getByLabel("Signing secret").fill("ALERT_HOOK");
  await tab.getByRole("button", { name: "Add the channel" }).click();
  await tab
    .getByRole("dialog")
    .getByRole("alert")
    .getByText(/Leave name and password out/)
    .waitFor();
  expect(complaints.filter((one) => !one.startsWith("400 POST"))).toEqual([]);
});

test("a dataset names who watches it, and a new monitor is proposed from what is known of it", async () => {
  const { page: tab, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/datasets/${MONITORED}`);
  const monitors = tab.getByRole("region", { name: "Monitors" });
  await monitors.getByRole("link", { name: MONITOR }).waitFor();
  await monitors.getByRole("link", { name: "New" }).click();
  await tab.getByLabel("Name", { exact: true }).fill("a second look");
  await tab.getByText("7 features watched").waitFor();
  await look("monitor-new");
  await tab.getByRole("button", { name: "Start watching" }).click();
  await tab.getByRole("heading", { level: 1, name: "a second look" }).waitFor();
  // Nothing is reloaded: the worker's news brings the first windows in.
  await tab.getByRole("heading", { name: "Newest window" }).waitFor({ timeout: FIRST_WINDOW_TIMEOUT_MS });
  expect(complaints).toEqual([]);
});
