import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { washPng } from "./picture.ts";
import { EMPTY_PROJECT, PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const place = inject("place");
const api = createApi(place.url, place.token);
const REPORT = "reports/monthly delays.ipynb";
const LONG_WALK_MS = 240_000; // Many pictures, on cores that others want, too.
const SLOW_MS = 80_000; // A run is a process of its own, on cores that the browser wants, too.

function save(path: string, text: string): Promise<unknown> {
  const query = new URLSearchParams({ path });
  return api.inProject(PROJECT).ours("PUT", `/notebooks/content?${query}`, new TextEncoder().encode(text));
}

const code = (id: string, source: string, rest: object = {}) => ({
  ...{ cell_type: "code", id, execution_count: 1, metadata: {}, outputs: [], source },
  ...rest,
});
const data = (of: object) => ({ output_type: "display_data", metadata: {}, data: of });

/** A notebook as JupyterLab saves it, with an output of every kind that is drawn. */
function notebook(title: string): string {
  const rows = ["SEA", "JFK", "ATL"].map((origin, at) => `<tr><td>${origin}</td><td>${at * 7}</td></tr>`);
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      language_info: { name: "python" },
      kernelspec: { name: "python3", display_name: "Python 3" },
    },
    cells: [
      {
        cell_type: "markdown",
        id: "intro",
        metadata: {},
        source: `# ${title}\nWhere departures are **late**.`,
      },
      code("given", "origin = 'SEA'  # where it departs\ndays = 30", { metadata: { tags: ["parameters"] } }),
      code("load", "import pandas as pd\nflights = load(origin, days)\nflights.head(3)", {
        outputs: [
          { output_type: "stream", name: "stdout", text: "read 4000 rows\n" },
          { output_type: "stream", name: "stderr", text: "FutureWarning: the default will change\n" },
          data({
            "text/html": `<table>${rows.join("")}</table><script>top.location = "/"</script>`,
            "text/plain": "a table",
          }),
        ],
      }),
      code("draw", "flights.groupby('hour').delay.mean().plot()", {
        outputs: [data({ "image/png": Buffer.from(washPng(480, 200)).toString("base64") })],
      }),
      code("wind", "flights['wind'].mean()", {
        outputs: [
          {
            output_type: "error",
            ename: "KeyError",
            evalue: "'wind'",
            traceback: ["\u001b[31mKeyError\u001b[39m: 'wind'"],
          },
        ],
      }),
    ],
  });
}

test("a notebook is found, read with all it printed and drew, and an earlier version comes back", {
  timeout: LONG_WALK_MS,
}, async () => {
  const { page, go, look, complaints } = await visit();
  await save(REPORT, notebook("Delays"));
  await save(REPORT, notebook("Monthly delays"));
  await save("data/airports.csv", "origin,city\nSEA,Seattle\n");
  await save("explore.ipynb", notebook("A first look"));
  await go(`/p/${PROJECT}/notebooks`);
  await page.getByRole("link", { name: REPORT, exact: true }).waitFor();
  await page.getByText("It starts when you open it").waitFor();
  await look("notebooks");
  await page.getByRole("searchbox", { name: "Filter" }).fill("monthly");
  await page.getByRole("link", { name: "explore.ipynb", exact: true }).waitFor({ state: "detached" });
  await page.getByRole("link", { name: REPORT, exact: true }).click();
  await page.getByRole("heading", { name: "Monthly delays", level: 2 }).waitFor();
  await page.getByText("FutureWarning").waitFor();
  const frame = page.getByTitle("Output 3 of cell 3");
  await frame.contentFrame().getByText("JFK").waitFor();
  expect(await frame.getAttribute("sandbox")).toBe("");
  await page.getByRole("img", { name: "Output 1 of cell 4" }).waitFor();
  await page.getByText("Where it happened").click();
  await page.getByText("KeyError: 'wind'", { exact: true }).last().waitFor();
  await look("notebook");
  await page.getByRole("tab", { name: /Versions/ }).click();
  await page.getByRole("button", { name: "Bring back" }).click();
  await page.getByRole("link", { name: "Version 3", exact: true }).waitFor();
  await look("notebook-versions");
  await page.getByRole("link", { name: "Version 2", exact: true }).click();
  await page.getByText("This is version 2; the newest is 3.").waitFor();
  expect(complaints).toEqual([]);
});

test("a notebook runs as a job from its form, is watched on its page, cancelled and found again", {
  timeout: LONG_WALK_MS,
}, async () => {
  const { page, go, look, complaints } = await visit();
  await save("train.ipynb", notebook("Training"));
  await go(`/p/${PROJECT}/notebooks/file?path=train.ipynb`);
  await page.getByRole("button", { name: "Run as a job" }).click();
  await page.getByLabel("days").fill("12");
  await look("notebook-run-form");
  await page.getByRole("dialog").getByRole("button", { name: "Run as a job" }).click();
  await page.waitForURL(/notebooks\/runs\//);
  await page.getByText("Notebook run", { exact: true }).waitFor();
  await page.getByRole("list", { name: "Parameters" }).getByText("12").waitFor();
  await page.getByRole("heading", { name: "Training", level: 2 }).waitFor();
  await look("notebook-run");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: SLOW_MS });
  await page.getByRole("link", { name: "its job" }).click();
  await page.getByRole("tab", { name: "Notebook" }).waitFor();
  await page.getByRole("heading", { name: "Training", level: 2 }).waitFor();
  await go(`/p/${PROJECT}/notebooks?tab=runs`);
  await page.getByRole("link", { name: "train.ipynb", exact: true }).waitFor();
  await look("notebook-runs");
  expect(complaints).toEqual([]);
});

test("a new notebook begins with one empty cell, and an empty room teaches the command", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${EMPTY_PROJECT}/notebooks`);
  await page.getByText("No notebooks yet").waitFor();
  await look("notebooks-empty");
  await page.getByRole("button", { name: "New notebook" }).click();
  await page.getByLabel("Path").fill("../up");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText(/no part of it may be empty or begin with a dot/).waitFor();
  await page.getByLabel("Path").fill("first/look");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "first/look.ipynb", level: 1 }).waitFor();
  await page.getByRole("listitem", { name: "Cell 1" }).waitFor();
  expect(complaints.filter((one) => !one.startsWith("400"))).toEqual([]);
});
