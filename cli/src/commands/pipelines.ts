import { readFile } from "node:fs/promises";
import type { Given } from "@atrium/contract/http";
import {
  type PipelineRun,
  type PipelineStep,
  pipelineRunState,
  pipelinesApi,
} from "@atrium/contract/pipelines";
import { command } from "../lib/command.ts";
import { Failure, UsageError } from "../lib/failure.ts";
import { facts, type Output, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf, oneOf } from "../lib/values.ts";

const LOOK_EVERY_MS = 500; // Fine enough for a person who watches steps of seconds.
const STATES = pipelineRunState.options;

const list = command({
  name: "pipelines list",
  summary: "List pipelines, newest first.",
  words: [],
  flags: { limit: { value: "N", help: "at most so many (default 50)" } },
  async run({ flags, server, output }) {
    const at = server();
    const items = await readPages(limitOf(flags.limit), (query) =>
      at.call(pipelinesApi.listPipelines, { query, project: at.project }),
    );
    const rows = items.map((one) => [
      one.name,
      one.versions,
      one.createdBy,
      time(one.createdMs),
      one.description,
    ]);
    output.show({
      json: { items },
      lines: table(["NAME", "VERSIONS", "BY", "CREATED", "DESCRIPTION"], rows),
    });
  },
});

const runs = command({
  name: "pipelines runs",
  summary: "List runs of pipelines, newest first.",
  words: [],
  flags: {
    pipeline: { value: "NAME", help: "of this pipeline" },
    state: { value: "STATE", help: STATES.join(", ") },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const { project } = at;
    const state = oneOf(flags.state, "state", STATES);
    const pipelineId =
      flags.pipeline === undefined
        ? undefined
        : (await at.call(pipelinesApi.getPipeline, { params: { pipeline: flags.pipeline }, project })).id;
    const wanted = { ...(state && { state }), ...(pipelineId !== undefined && { pipelineId }) };
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(pipelinesApi.listRuns, { query: { ...page, ...wanted }, project }),
    );
    const rows = items.map((run) => [
      run.id,
      run.name,
      run.state,
      time(run.createdMs),
      lasted(run.createdMs, run.endedMs),
      run.reason,
    ]);
    output.show({
      json: { items },
      lines: table(["ID", "NAME", "STATE", "STARTED", "LASTED", "REASON"], rows),
    });
  },
});

const show = command({
  name: "pipelines show",
  summary: "Show a run with its steps.",
  words: ["RUN"],
  flags: {},
  async run({ words: [run = ""], server, output }) {
    const at = server();
    const found = await at.call(pipelinesApi.getRun, { params: { run }, project: at.project });
    output.show({ json: found, lines: describe(found.run, found.steps) });
  },
});

const upload = command({
  name: "pipelines upload",
  summary: "Keep a compiled file as a pipeline, or as a new version of the one that is there.",
  words: ["FILE"],
  flags: {
    name: { value: "NAME", help: "of the pipeline (default: what the file says)" },
    version: { value: "NAME", help: "of the version (default: by its number)" },
    description: { value: "TEXT", help: "what it is for" },
  },
  async run({ words: [file = ""], flags, server, output }) {
    const at = server();
    const { name, version, description } = flags;
    const made = await at.call(pipelinesApi.createPipeline, {
      body: {
        spec: await readSpec(file),
        ...(name === undefined ? {} : { name }),
        ...(version === undefined ? {} : { version }),
        ...(description === undefined ? {} : { description }),
      },
      project: at.project,
    });
    output.show({
      json: made,
      lines: [
        `${made.pipeline.name}, ${made.version.name}. Next: atrium pipelines run ${made.pipeline.name}`,
      ],
    });
  },
});

const start = command({
  name: "pipelines run",
  summary: "Start a pipeline by name, or a compiled file, and wait until the run has ended.",
  words: ["PIPELINE|FILE", "[PARAMETER=VALUE…]"],
  flags: {
    name: { value: "NAME", help: "what the run is called" },
    "no-cache": { help: "run every step, whatever an earlier run made" },
    detach: { short: "d", help: "do not wait" },
  },
  async run({ words: [what = "", ...pairs], flags, server, output }) {
    const at = server();
    const started = await at.call(pipelinesApi.startRun, {
      body: {
        ...(await sourceOf(what)),
        ...(flags.name === undefined ? {} : { name: flags.name }),
        parameters: parametersOf(pairs),
        cache: flags["no-cache"] ? "off" : "as-compiled",
      },
      project: at.project,
    });
    output.say(`Run ${started.id} of ${started.pipelineName} has started.`);
    if (flags.detach) output.show({ json: started, lines: [started.id] });
    else await follow(at, started.id, output);
  },
});

const cancel = command({
  name: "pipelines cancel",
  summary: "End what a run is doing, and start nothing more of it.",
  words: ["RUN"],
  flags: {},
  async run({ words: [run = ""], server, output }) {
    const at = server();
    const changed = await at.call(pipelinesApi.cancelRun, { params: { run }, body: {}, project: at.project });
    output.show({ json: changed, lines: [`${changed.id} ${changed.state}`] });
  },
});

const retry = command({
  name: "pipelines retry",
  summary: "Do again what failed in a run, keep what succeeded, and wait for the end.",
  words: ["RUN"],
  flags: { detach: { short: "d", help: "do not wait" } },
  async run({ words: [run = ""], flags, server, output }) {
    const at = server();
    const changed = await at.call(pipelinesApi.retryRun, { params: { run }, body: {}, project: at.project });
    if (flags.detach) output.show({ json: changed, lines: [`${changed.id} ${changed.state}`] });
    else await follow(at, run, output);
  },
});

export const pipelineCommands = [list, upload, start, runs, show, cancel, retry];

/** A file that is there is sent; anything else is the name or id of a pipeline. */
async function sourceOf(what: string): Promise<{ spec: string } | { pipeline: string }> {
  if (!/\.(ya?ml|json)$/i.test(what)) return { pipeline: what };
  return { spec: await readSpec(what) };
}

async function readSpec(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

type Parameters = NonNullable<Given<typeof pipelinesApi.startRun.body>["parameters"]>;

/** A value that reads as JSON is that; any other is a text. */
function parametersOf(pairs: readonly string[]): Parameters {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at <= 0) throw new UsageError(`Write a parameter as NAME=VALUE; '${pair}' is none.`);
      return [pair.slice(0, at), valueIn(pair.slice(at + 1))];
    }),
  );
}

function valueIn(text: string): Parameters[string] {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Says how each step ends, until the run has. @throws Failure when the run does not end well */
async function follow(at: Server, run: string, output: Output): Promise<void> {
  const said = new Set<string>();
  for (;;) {
    const found = await at.call(pipelinesApi.getRun, { params: { run }, project: at.project });
    for (const step of found.steps) sayEnd(step, said, output);
    const { state, reason = "" } = found.run;
    if (state !== "running" && state !== "cancelling") {
      output.show({ json: found, lines: describe(found.run, found.steps) });
      if (state !== "succeeded") throw new Failure(`Run ${run} ${state}. ${reason}`.trim());
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function sayEnd(step: PipelineStep, said: Set<string>, output: Output): void {
  const key = `${step.path} ${step.attempt} ${step.state}`;
  if (step.kind !== "code" || step.endedMs === undefined || said.has(key)) return;
  said.add(key);
  output.say(`${step.state.padEnd(9)} ${step.path}  ${lasted(step.startedMs, step.endedMs)}`);
}

function describe(run: PipelineRun, steps: readonly PipelineStep[]): string[] {
  return [
    ...facts({
      Run: `${run.name} (${run.id})`,
      Pipeline: run.pipelineName,
      State: run.reason === undefined ? run.state : `${run.state}: ${run.reason}`,
      Started: `${time(run.createdMs)} by ${run.startedBy}`,
      Lasted: lasted(run.createdMs, run.endedMs),
      Parameters: JSON.stringify(run.parameters),
    }),
    "",
    ...table(
      ["STEP", "KIND", "STATE", "LASTED", "JOB", "REASON"],
      steps.map((step) => [
        step.path,
        step.kind,
        step.state,
        lasted(step.startedMs, step.endedMs),
        step.jobId,
        step.reason,
      ]),
    ),
  ];
}

function lasted(fromMs: number | undefined, toMs: number | undefined): string {
  return fromMs === undefined || toMs === undefined ? "" : `${((toMs - fromMs) / 1000).toFixed(1)} s`;
}
