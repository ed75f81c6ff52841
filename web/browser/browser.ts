import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";

const SHOTS = join(import.meta.dirname, "../../shots");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Nothing may be fetched that a test did not ask for; root in a container has no sandbox to enter.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];
const WIDTHS = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const SETTLED_MS = 120; // For charts to be drawn anew at another size; transitions are skipped.

export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** Console errors, failed requests and requests to elsewhere; a test ends with none. */
  complaints: string[];
  go: (path: string) => Promise<void>;
  /** Looks at the page on both screens, in light and dark unless one of them is enough, and asks axe about each. */
  look: (name: string, themes?: readonly Theme[]) => Promise<void>;
}

/** One browser for a file of tests, and fresh visitors to it. */
export function useBrowser(): { visit: (as?: "owner" | "stranger") => Promise<Visitor> } {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: FLAGS,
    });
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
  });
  return {
    visit: async (as = "owner") => {
      if (!browser) throw new Error("the browser has not started");
      const context = await browser.newContext({
        viewport: WIDTHS.wide,
        locale: "en-GB",
        reducedMotion: "reduce",
      });
      contexts.push(context);
      return visitor(context, as);
    },
  };
}

async function visitor(context: BrowserContext, as: "owner" | "stranger"): Promise<Visitor> {
  const { url, session } = inject("place");
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  if (as === "owner") await context.addCookies([{ ...session, url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000); // Two busy cores; only what never comes is a failure.
  const complaints: string[] = [];
  page.on("console", (message) => {
    // The browser names no address here; the answer below does.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(`console: ${message.text()}`);
  });
  page.on("response", (answer) => {
    if (answer.status() >= 400)
      complaints.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(url) && !to.startsWith("data:") && !to.startsWith("blob:"))
      complaints.push(`asks elsewhere: ${to}`);
  });
  return {
    page,
    context,
    complaints,
    go: async (path) => {
      await page.goto(url + path);
      await page.waitForFunction(
        () => document.querySelector("h1, [role=alert]") && !document.querySelector(".skeleton"),
      );
    },
    look: (name, themes = THEMES) => look(page, name, themes),
  };
}

async function look(page: Page, name: string, themes: readonly Theme[]): Promise<void> {
  const faults: string[] = [];
  for (const [screen, viewport] of Object.entries(WIDTHS)) {
    await page.setViewportSize(viewport);
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForTimeout(SETTLED_MS);
      await page.screenshot({ path: join(SHOTS, `${name}-${screen}-${theme}.png`), animations: "disabled" });
      // Colours are the same on both screens, so dark is asked about once.
      if (theme === "light" || screen === "wide")
        faults.push(...(await axe(page, theme)).map((fault) => `${screen} ${theme}: ${fault}`));
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (overflow > 0) faults.push(`${screen}: the page scrolls sideways by ${overflow} px`);
    }
  }
  await page.setViewportSize(WIDTHS.wide);
  await page.emulateMedia({ colorScheme: "light" });
  expect(faults, name).toEqual([]);
}

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

async function axe(page: Page, theme: Theme): Promise<string[]> {
  // Evaluated from outside, so the page's content policy stays as it is.
  await page.evaluate(AXE);
  // Of all rules only those about colour can hold in light and fail in dark.
  const rules = theme === "light" ? {} : { runOnly: ["color-contrast", "link-in-text-block"] };
  const { violations } = await page.evaluate(async (options) => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<AxeResult> } };
    return axe.run({ resultTypes: ["violations"], ...options });
  }, rules);
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n  ${nodes
        .slice(0, 3)
        .map(
          (node) => `${node.html.slice(0, 200)} ${node.failureSummary?.replace(/\s+/g, " ").slice(0, 200)}`,
        )
        .join("\n  ")}`,
  );
}
