import { type Browser, chromium } from "playwright-core";
import type { Person } from "./person.ts";

const PATIENCE_MS = 180_000; // As for any kernel: what is slow is the machine.
// Root in a container has no sandbox to enter; nothing is fetched that the page does not ask for.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-sync",
];
const CELL = ".jp-NotebookPanel .jp-Cell .cm-content";
// A cell that is run before the page knows its kernel is forgotten; the bar at the bottom says when it does.
const STATUS = "#jp-main-statusbar";

export interface Seen {
  output: string;
  /** Addresses and pages that the browser got, joined. */
  pages: string;
  complaints: string[];
}

/** Opens a notebook in JupyterLab with nothing but the session of our own sign-in, runs its first cell, and saves. */
export async function runInLab(url: string, person: Person): Promise<Seen> {
  const browser: Browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  try {
    const context = await browser.newContext();
    await context.addCookies([{ ...person.session, url: new URL(url).origin, httpOnly: true }]);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints: string[] = [];
    const addresses: string[] = [];
    page.on("response", (answer) => {
      addresses.push(answer.url());
      if (answer.status() >= 500) complaints.push(`${answer.status()} ${answer.url()}`);
    });
    page.on("pageerror", (thrown) => complaints.push(thrown.message));
    await page.goto(url);
    await page.locator(CELL).first().waitFor();
    await page.locator(STATUS).getByText("| Idle").waitFor();
    await page.locator(CELL).first().click();
    await page.keyboard.press("Shift+Enter");
    const shown = page.locator(".jp-OutputArea-output pre").first();
    await shown.waitFor();
    const output = (await shown.textContent()) ?? "";
    const saved = page.waitForResponse((answer) => answer.request().method() === "PUT" && answer.ok());
    await page.keyboard.press("Control+s");
    await saved;
    const html = await page.content();
    return { output, pages: [html, ...addresses].join("\n"), complaints };
  } finally {
    await browser.close();
  }
}
