import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { createApi } from "./api.ts";
import { useBrowser } from "./browser.ts";
import { EMPTY_PROJECT, PROJECT } from "./seed.ts";

const { visit } = useBrowser();
const place = inject("place");
const api = createApi(place.url, place.token);
// Its first step takes its time: the run is still to be cancelled when somebody has looked at it from all sides.
const SPEC = readFileSync(
  join(import.meta.dirname, "../../server/src/protocols/kfp/fixtures/control_flow.yaml"),
  "utf8",
).replaceAll("-> list:\\n    return", "-> list:\\n    import time\\n    time.sleep(600)\\n    return");
const SLOW_MS = 80_000; // A job is a process of its own, on cores that the browser wants, too.

const submit = (body: object) =>
  api.inProject(PROJECT).ours<{ id: string }>("POST", "/jobs", { limits: { memoryMiB: 128 }, ...body });

test("a job is followed from its first line to its end, cancelled, and found again with what it made", async () => {
  const { page, go, look, complaints } = await visit();
  const made = await submit({
    name: "hourly report",
    command: ["sh", "-c", "mkdir out; for n in 1 2 3; do echo row $n; done | tee out/rows.txt"],
    outputs: [{ from: "out/rows.txt", artifactPath: "reports/rows.txt" }],
    retries: 1,
  });
  await submit({ name: "broken import", command: ["sh", "-c", "echo no such module; exit 3"] });
  await go(`/p/${PROJECT}/compute/jobs/${made.id}`);
  await page.getByText("Finished").first().waitFor({ timeout: SLOW_MS });
  await look("job");
  await page.getByRole("button", { name: "reports/rows.txt" }).click();
  await page.getByRole("dialog").getByText("row 3").waitFor();
  await look("job-output");
  await page.keyboard.press("Escape");
  const long = await submit({
    name: "endless training",
    command: ["sh", "-c", "n=0; while sleep 0.2; do n=$((n+1)); echo epoch $n; done"],
  });
  await go(`/p/${PROJECT}/compute/jobs/${long.id}?tab=log`);
  const log = page.getByRole("log");
  await log.getByText(/epoch 3/).waitFor({ timeout: SLOW_MS });
  await look("job-log");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Cancelled").first().waitFor({ timeout: SLOW_MS });
  await go(`/p/${PROJECT}/compute`);
  await page.getByRole("link", { name: "endless training" }).waitFor();
  await look("compute");
  await page.getByRole("row").filter({ hasText: "broken import" }).getByText("sh -c").click();
  await page
    .getByRole("complementary", { name: "Details" })
    .getByText("no such module", { exact: true })
    .waitFor();
  await look("compute-peek");
  expect(complaints).toEqual([]);
});

test("an empty room teaches the command that fills it", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${EMPTY_PROJECT}/compute`);
  await page.getByText("atrium run -- python train.py").waitFor();
  await look("compute-empty");
  await page.getByRole("tab", { name: "Environments" }).click();
  await page.getByText("No environments yet").waitFor();
  await go(`/p/${EMPTY_PROJECT}/pipelines`);
  await page.getByText("No pipelines yet").waitFor();
  await look("pipelines-empty");
  expect(complaints).toEqual([]);
});

test("a compiled pipeline is uploaded by file, looked at, started from its form and watched", async () => {
  const { page, go, look, complaints } = await visit();
  await go(`/p/${PROJECT}/pipelines?over=upload`);
  await page
    .getByLabel("Compiled pipeline")
    .setInputFiles({ name: "control-flow.yaml", mimeType: "application/yaml", buffer: Buffer.from(SPEC) });
  await look("pipeline-upload");
  await page.getByRole("button", { name: "Upload", exact: true }).last().click();
  await page.getByRole("heading", { name: "control-flow" }).waitFor();
  await page
    .getByRole("group", { name: "Graph of steps" })
    .getByRole("button", { name: /^gather/ })
    .waitFor();
  await look("pipeline");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByLabel("a", { exact: true }).fill("three");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByText("Give a whole number.").waitFor();
  await look("pipeline-start");
  await page.getByLabel("a", { exact: true }).fill("3");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForURL(/pipeline-runs/);
  await page.getByText("Pipeline run", { exact: true }).waitFor();
  await page
    .getByRole("group", { name: "Graph of steps" })
    .getByRole("button", { name: /^items/ })
    .waitFor();
  await look("pipeline-run");
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page
    .getByRole("group", { name: "Timeline of steps" })
    .getByRole("button", { name: /^items/ })
    .click();
  await page.getByRole("complementary", { name: "Details" }).getByText("Path").waitFor();
  await look("pipeline-run-step");
  await page.getByRole("button", { name: "Close the panel" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Retry" }).waitFor({ timeout: SLOW_MS });
  await look("pipeline-run-cancelled");
  await go(`/p/${PROJECT}/pipelines?tab=runs`);
  await page.getByRole("row").nth(1).waitFor();
  await look("pipeline-runs");
  await go(`/p/${PROJECT}/pipelines`);
  await page.getByRole("link", { name: "control-flow", exact: true }).waitFor();
  await look("pipelines");
  expect(complaints).toEqual([]);
});
