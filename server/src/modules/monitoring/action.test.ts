import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Incident } from "@atrium/contract/monitoring";
import type { PipelineRun } from "@atrium/contract/pipelines";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../../testing/house.ts";

const API = "/api/atrium/v1";
const HOUR_MS = 3600 * 1000;
const START_MS = Math.floor(Date.now() / HOUR_MS - 4) * HOUR_MS;
const SPEC = readFileSync(
  join(import.meta.dirname, "../../protocols/kfp/fixtures/control_flow.yaml"),
  "utf8",
);

let house: House;
let robot: { id: string; token: string; grant: string };

/** Three hours of a dataset, the last of which drifts, with a rule of a robot's that retrains. */
beforeAll(async () => {
  house = await openHouse();
  await ask("POST", "/datasets", { name: "delays" });
  const rows = [0, 1, 2].flatMap((hour) =>
    Array.from({ length: 200 }, (_, i) => {
      const at = new Date(START_MS + hour * HOUR_MS + i * 1000).toISOString().replace("Z", "");
      return `${at},${(i % 50) + (hour === 2 ? 500 : 0)}`;
    }),
  );
  const csv = ["at,delay", ...rows].join("\n");
  const headers = { "content-type": "application/octet-stream" };
  const upload = `${API}/datasets/delays/versions/upload?format=csv`;
  read("the upload", await house.ask("POST", upload, { body: csv, headers }));
  await runJob("datasets-prepare");
  await ask("POST", "/pipelines", { name: "retrain", spec: SPEC });
  robot = await newRobot("editor");
  await ask("POST", "/monitors", {
    name: "drift",
    source: { kind: "dataset", dataset: "delays", timeColumn: "at" },
    reference: { kind: "window", fromMs: START_MS, toMs: START_MS + HOUR_MS },
    startMs: START_MS + HOUR_MS,
    columns: [{ name: "delay", kind: "number" }],
    windowMs: HOUR_MS,
    settleMs: 0,
  });
  await addRule("retrains");
}, 60_000);
afterAll(() => house.close());

test("a rule's action starts its pipeline once, in its owner's name, and run and incident know each other", async () => {
  await runJob("monitoring-windows");
  await runJob("monitoring-telling");
  const [incident] = await incidents();
  const run = await ask<{ run: PipelineRun }>("GET", `/pipeline-runs/${incident?.pipelineRunId}`);
  expect(run.run).toMatchObject({
    pipelineName: "retrain",
    startedBy: "robot-editor",
    parameters: { a: 7 },
    origin: { type: "incident", id: incident?.id },
  });
  const { edges } = await ask<{ edges: object[] }>(
    "GET",
    `/lineage?type=pipeline-run&id=${run.run.id}&direction=up`,
  );
  expect(edges).toContainEqual(
    expect.objectContaining({ from: { type: "incident", id: incident?.id }, relation: "produced" }),
  );

  // A server that was killed before it wrote down that it had started the run tells it again.
  const { modules } = house;
  const owner = { kind: "service-account" as const, id: robot.id, name: "robot-editor" };
  const actor = {
    ...owner,
    via: { kind: "process" as const, id: "" },
    request: { id: "", ip: "", userAgent: "" },
  };
  const again = { pipeline: "retrain", parameters: { a: 7 }, key: `incident:${incident?.id}` };
  const { id: projectId } = await ask<{ id: string }>("GET", "/projects/default");
  const both = await Promise.all([1, 2].map(() => modules.pipelines.runs.start(actor, projectId, again)));
  expect(both.map(({ id }) => id)).toEqual([run.run.id, run.run.id]);
  expect((await ask<{ items: object[] }>("GET", "/pipeline-runs")).items).toHaveLength(1);
});

test("what its owner may no longer do, a rule does not do either", async () => {
  await addRule("comes too late");
  await ask("DELETE", `/grants/${robot.grant}`);
  await ask("POST", "/monitors/drift/run", { windows: "again" });
  await runJob("monitoring-windows");
  await runJob("monitoring-telling");
  const late = (await incidents()).find(({ rule }) => rule === "comes too late");
  expect(late).toBeDefined();
  expect(late?.pipelineRunId).toBeUndefined();
  const { items } = await ask<{ items: object[] }>("GET", `/alert-deliveries?incidentId=${late?.id}`);
  expect(items).toMatchObject([
    { target: "pipeline", state: "failed", lastError: expect.stringMatching(/see it|permission/) },
  ]);
});

async function incidents(): Promise<Incident[]> {
  return (await ask<{ items: Incident[] }>("GET", "/incidents")).items;
}

async function addRule(name: string): Promise<unknown> {
  const rule = {
    ...{ monitorId: "drift", name, metric: "psi", comparison: "above", threshold: 0.5 },
    action: { pipeline: "retrain", parameters: { a: 7 } },
  };
  const { token } = robot;
  return read("the rule", await house.ask("POST", `${API}/alert-rules`, { body: rule, token }));
}

async function newRobot(roleId: string): Promise<typeof robot> {
  const { id } = await ask<{ id: string }>("POST", "/service-accounts", {
    name: `robot-${roleId}`,
    owner: "organisation",
  });
  const project = await ask<{ id: string }>("GET", "/projects/default");
  const place = { kind: "project", projectId: project.id };
  const principal = { kind: "service-account", id };
  const grant = await ask<{ id: string }>("POST", "/grants", { principal, roleId, place });
  const made = await ask<{ secret: string }>("POST", `/service-accounts/${id}/tokens`, {
    name: "t",
    expiresMs: Date.now() + HOUR_MS,
  });
  return { id, token: made.secret, grant: grant.id };
}

async function runJob(name: string): Promise<void> {
  await house.jobs.find((job) => job.name === name)?.run(new AbortController().signal);
}

async function ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
  return read(
    `${method} ${path}`,
    await house.ask(method, `${API}${path}`, body === undefined ? {} : { body }),
  );
}

function read<T>(asked: string, answer: { status: number; text: string }): T {
  if (answer.status >= 300) throw new Error(`${asked}: ${answer.status} ${answer.text}`);
  return (answer.text === "" ? undefined : JSON.parse(answer.text)) as T;
}
