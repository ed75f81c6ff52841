import { type Experiment, type RunDetails, type RunSummary, trackingApi } from "@atrium/contract/tracking";
import { command } from "../lib/command.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf, oneOf } from "../lib/values.ts";

const METRICS_SHOWN = 3; // Columns that still fit beside the rest on a usual terminal.

const listExperiments = command({
  name: "experiments list",
  summary: "List experiments, newest first.",
  words: [],
  flags: {
    filter: { value: "TEXT", help: "in the mlflow client's language: \"name LIKE 'fraud%'\"" },
    view: { value: "WORD", help: "active (default), deleted or all" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const filter = readFilter(flags);
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(trackingApi.listExperiments, { query: { ...filter, ...page }, project: at.project }),
    );
    output.show({ json: { items }, lines: experimentTable(items) });
  },
});

const listRuns = command({
  name: "runs list",
  summary: "List runs, newest first; those of one experiment when it is named.",
  words: ["[EXPERIMENT]"],
  flags: {
    filter: { value: "TEXT", help: 'in the mlflow client\'s language: "metrics.rmse < 0.5"' },
    sort: { value: "COLUMN", help: "metrics.rmse, params.depth, name, started; '-' in front: largest first" },
    view: { value: "WORD", help: "active (default), deleted or all" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ words: [name], flags, server, output }) {
    const at = server();
    const experimentIds = name === undefined ? undefined : [(await findExperiment(at, name)).id];
    const query = {
      ...readFilter(flags),
      ...(flags.sort && { sort: flags.sort }),
      ...(experimentIds && { experimentIds }),
    };
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(trackingApi.searchRuns, { query: { ...query, ...page }, project: at.project }),
    );
    output.show({ json: { items }, lines: runTable(items) });
  },
});

const showRun = command({
  name: "runs show",
  summary: "Show a run: its state, parameters, newest metrics, tags and what it read and made.",
  words: ["RUN"],
  flags: {},
  async run({ words: [run = ""], server, output }) {
    const at = server();
    const found = await at.call(trackingApi.getRun, { params: { run }, project: at.project });
    output.show({ json: found, lines: describeRun(found) });
  },
});

const deleteRun = command({
  name: "runs delete",
  summary: "Delete runs; they can be restored.",
  words: ["RUN…"],
  flags: {},
  async run({ words, server, output }) {
    const at = server();
    for (const run of words) {
      await at.call(trackingApi.deleteRun, { params: { run }, project: at.project });
      output.say(`Deleted ${run}. Undo: atrium runs restore ${run}`);
    }
    output.show({ json: { deleted: words }, lines: words });
  },
});

const restoreRun = command({
  name: "runs restore",
  summary: "Restore deleted runs.",
  words: ["RUN…"],
  flags: {},
  async run({ words, server, output }) {
    const at = server();
    for (const run of words) await at.call(trackingApi.restoreRun, { params: { run }, project: at.project });
    output.show({ json: { restored: words }, lines: words });
  },
});

export const trackingCommands = [listExperiments, listRuns, showRun, deleteRun, restoreRun];

function readFilter(flags: { filter?: string; view?: string }) {
  const view = oneOf(flags.view, "view", ["active", "deleted", "all"]);
  return { ...(flags.filter && { filter: flags.filter }), ...(view && { view }) };
}

/** By name or by number. A name wins, for people give them. */
async function findExperiment(at: Server, name: string): Promise<Experiment> {
  const filter = `name = '${name.replaceAll("'", "\\'")}'`;
  const { items } = await at.call(trackingApi.listExperiments, {
    query: { filter, view: "all" },
    project: at.project,
  });
  return (
    items[0] ?? at.call(trackingApi.getExperiment, { params: { experiment: name }, project: at.project })
  );
}

function experimentTable(experiments: readonly Experiment[]): string[] {
  return table(
    ["ID", "NAME", "CHANGED (UTC)", "STATE"],
    experiments.map((e) => [e.id, e.name, time(e.updatedMs), e.lifecycle]),
  );
}

function runTable(runs: readonly RunSummary[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs)
    for (const name of Object.keys(run.metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const metrics = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const shown = metrics.slice(0, METRICS_SHOWN);
  return table(
    ["RUN", "NAME", "EXPERIMENT", "STATUS", "STARTED (UTC)", "BY", ...shown],
    runs.map((r) => [
      r.id,
      r.name,
      r.experimentName,
      r.status,
      time(r.startedMs),
      r.owner,
      ...shown.map((name) => r.metrics[name]),
    ]),
  );
}

function describeRun(run: RunDetails): string[] {
  const section = (title: string, values: Record<string, unknown>): string[] =>
    Object.keys(values).length === 0 ? [] : ["", title, ...facts(values).map((line) => `  ${line}`)];
  const datasets = Object.fromEntries(run.datasets.map((used) => [used.name, used.digest]));
  return [
    ...facts({
      run: run.id,
      name: run.name,
      experiment: `${run.experimentName} (${run.experimentId})`,
      status: run.status,
      by: run.owner,
      started: time(run.startedMs),
      ended: time(run.endedMs),
      parent: run.parentId,
      files: run.artifactPath,
    }),
    ...section("Parameters", run.params),
    ...section("Metrics", run.metrics),
    ...section("Tags", run.tags),
    ...section("Datasets", datasets),
    ...section("Models made", Object.fromEntries(run.modelOutputs.map((id) => [id, "logged model"]))),
  ];
}
