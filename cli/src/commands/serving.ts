import { type ServingEndpoint, servingApi } from "@atrium/contract/serving";
import { command } from "../lib/command.ts";
import { Failure } from "../lib/failure.ts";
import { facts, table } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf, oneOf, whole } from "../lib/values.ts";

const POLL_MS = 500;
const WAIT_MS = 15 * 60_000; // A Python environment that is built for the first time takes minutes.
const REVISION_MAX = 1_000_000_000;

const deploy = command({
  name: "deploy",
  summary: "Serve a model version at an endpoint, which is made when it is not there.",
  words: ["ENDPOINT"],
  flags: {
    model: { value: "MODEL", help: "models:/NAME@ALIAS or models:/NAME/VERSION" },
    engine: { value: "ENGINE", help: "onnx or pyfunc (default: what the model has, onnx first)" },
    weight: { value: "N", help: "percent of the traffic (default 100)" },
  },
  async run({ words: [endpoint = ""], flags, server, output }) {
    const at = server();
    if (flags.model === undefined) throw new Failure("Name the model: --model models:/NAME@ALIAS.");
    const engine = oneOf(flags.engine, "engine", ["onnx", "pyfunc"] as const);
    const weight =
      flags.weight === undefined ? undefined : whole(flags.weight, "weight", { min: 0, max: 100 });
    await makeWhereMissing(at, endpoint);
    const { id } = await at.call(servingApi.deploy, {
      params: { endpoint },
      body: { model: flags.model, ...(engine && { engine }), ...(weight === undefined ? {} : { weight }) },
      project: at.project,
    });
    const found = await settled(at, endpoint, id);
    if (found.state !== "ready") throw new Failure(`The deployment is ${found.state}: ${found.reason}`);
    output.show({ json: found, lines: [`Deployment ${found.number} of ${endpoint} is ready.`] });
  },
});

const predict = command({
  name: "predict",
  summary: "Ask an endpoint; without --instances with its own example.",
  words: ["ENDPOINT"],
  flags: { instances: { value: "JSON", help: "an object, or a list of objects, one a prediction" } },
  async run({ words: [endpoint = ""], flags, server, output }) {
    const at = server();
    const instances =
      flags.instances === undefined ? await exampleOf(at, endpoint) : readInstances(flags.instances);
    const answer = await at.call(servingApi.predict, {
      params: { endpoint },
      body: { instances },
      project: at.project,
    });
    const rows = answer.predictions.map((one) => [
      JSON.stringify(one.prediction),
      one.servedBy,
      one.cohort,
      one.predictionId,
    ]);
    output.show({ json: answer, lines: table(["PREDICTION", "SERVED BY", "COHORT", "ID"], rows) });
  },
});

const list = command({
  name: "endpoints list",
  summary: "List endpoints, by name.",
  words: [],
  flags: { limit: { value: "N", help: "at most so many (default 50)" } },
  async run({ flags, server, output }) {
    const at = server();
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(servingApi.listEndpoints, { query: page, project: at.project }),
    );
    const rows = items.map((one) => [one.name, one.state, String(one.revision), modelsOf(one)]);
    output.show({ json: { items }, lines: table(["NAME", "STATE", "REVISION", "MODELS"], rows) });
  },
});

const show = command({
  name: "endpoints show",
  summary: "Show an endpoint with its deployments.",
  words: ["ENDPOINT"],
  flags: {},
  async run({ words: [endpoint = ""], server, output }) {
    const at = server();
    const found = await at.call(servingApi.getEndpoint, { params: { endpoint }, project: at.project });
    output.show({ json: found, lines: describe(found) });
  },
});

const traffic = command({
  name: "endpoints traffic",
  summary: "Divide an endpoint's traffic: NUMBER=PERCENT for each deployment, 100 together.",
  words: ["ENDPOINT", "SHARE…"],
  flags: {},
  async run({ words: [endpoint = "", ...shares], server, output }) {
    const at = server();
    const { deployments } = await at.call(servingApi.getEndpoint, {
      params: { endpoint },
      project: at.project,
    });
    const routes = shares.map((share) => {
      const [number = "", percent = ""] = share.split("=");
      const found = deployments.find((one) => String(one.number) === number);
      if (found === undefined) throw new Failure(`${endpoint} has no deployment ${number || share}.`);
      return { deployment: found.id, weight: whole(percent, "percent", { min: 0, max: 100 }) };
    });
    const changed = await at.call(servingApi.setTraffic, {
      params: { endpoint },
      body: { routes },
      project: at.project,
    });
    output.show({ json: changed, lines: describe(changed) });
  },
});

const rollBack = command({
  name: "endpoints rollback",
  summary: "Go back to the routing before this one.",
  words: ["ENDPOINT"],
  flags: { revision: { value: "N", help: "to this revision instead" } },
  async run({ words: [endpoint = ""], flags, server, output }) {
    const at = server();
    const revision =
      flags.revision === undefined
        ? undefined
        : whole(flags.revision, "revision", { min: 1, max: REVISION_MAX });
    const changed = await at.call(servingApi.rollBack, {
      params: { endpoint },
      body: revision === undefined ? {} : { revision },
      project: at.project,
    });
    output.show({ json: changed, lines: describe(changed) });
  },
});

async function makeWhereMissing(at: Server, name: string): Promise<void> {
  const items = await readPages(Number.MAX_SAFE_INTEGER, (page) =>
    at.call(servingApi.listEndpoints, { query: page, project: at.project }),
  );
  if (items.some((one) => one.name === name)) return;
  await at.call(servingApi.createEndpoint, { body: { name }, project: at.project });
}

async function settled(at: Server, endpoint: string, id: string) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const { deployments } = await at.call(servingApi.getEndpoint, {
      params: { endpoint },
      project: at.project,
    });
    const found = deployments.find((one) => one.id === id);
    if (found === undefined) throw new Failure("The deployment was ended meanwhile.");
    if (["ready", "failed"].includes(found.state) || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function exampleOf(at: Server, endpoint: string): Promise<Record<string, unknown>[]> {
  const { example } = await at.call(servingApi.getEndpoint, { params: { endpoint }, project: at.project });
  if (typeof example === "object" && example !== null && "instances" in example)
    return example.instances as Record<string, unknown>[];
  throw new Failure(`${endpoint} has no example; give --instances.`);
}

function readInstances(text: string): Record<string, unknown>[] {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | Record<string, unknown>[];
    return Array.isArray(value) ? value : [value];
  } catch {
    throw new Failure("--instances is not JSON.");
  }
}

function modelsOf({ deployments }: ServingEndpoint): string {
  return deployments
    .filter(({ weight }) => weight > 0)
    .map(({ model, weight }) => `${model.name}/${model.version} ${Math.round(weight)} %`)
    .join(", ");
}

function describe(found: ServingEndpoint): string[] {
  const rows = found.deployments.map((one) => [
    String(one.number),
    `${one.model.name}/${one.model.version}`,
    one.engine,
    one.state,
    `${Math.round(one.weight)} %`,
    one.reason,
  ]);
  return [
    ...facts({
      Name: found.name,
      State: found.state,
      Revision: found.revision,
      "Asked by": found.input.kind,
    }),
    "",
    ...table(["NUMBER", "MODEL", "ENGINE", "STATE", "TRAFFIC", "REASON"], rows),
  ];
}

export const servingCommands = [deploy, predict, list, show, traffic, rollBack];
