import { type Incident, type Monitor, monitoringApi, type WindowResult } from "@atrium/contract/monitoring";
import { command } from "../lib/command.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import { limitOf, oneOf } from "../lib/values.ts";

const STATES = ["unresolved", "open", "acknowledged", "resolved"] as const;
const LIMIT = { value: "N", help: "at most so many (default 50)" };
const NOTE = { value: "TEXT", help: "what is to be remembered of it" };
const DIGITS = 4;

const list = command({
  name: "monitors list",
  summary: "List monitors, by name.",
  words: [],
  flags: { limit: LIMIT },
  async run({ flags, server, output }) {
    const at = server();
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(monitoringApi.listMonitors, { query: page, project: at.project }),
    );
    const rows = items.map((m) => [
      m.name,
      watchedBy(m),
      m.state,
      time(m.lastWindow?.startMs),
      m.openIncidents,
      m.problem,
    ]);
    const lines = table(["MONITOR", "WATCHES", "STATE", "NEWEST WINDOW (UTC)", "INCIDENTS", "PROBLEM"], rows);
    output.show({ json: { items }, lines });
  },
});

const show = command({
  name: "monitors show",
  summary: "Show a monitor with its newest window.",
  words: ["MONITOR"],
  flags: { segment: { value: "NAME", help: "all (default), known, new or one of the monitor's own" } },
  async run({ words: [monitor = ""], flags, server, output }) {
    const at = server();
    const call = { params: { monitor }, project: at.project };
    const found = await at.call(monitoringApi.getMonitor, call);
    const startMs = found.lastWindow?.startMs;
    const newest =
      startMs === undefined
        ? undefined
        : await at.call(monitoringApi.getWindow, { ...call, params: { monitor, startMs } });
    const segment = flags.segment ?? "all";
    const results = newest?.results.filter((one) => one.segment === segment) ?? [];
    output.show({
      json: { ...found, newest },
      lines: [...describe(found), ...(results.length === 0 ? [] : ["", ...resultTable(results)])],
    });
  },
});

const run = command({
  name: "monitors run",
  summary: "Ask the worker to look at a monitor now.",
  words: ["MONITOR"],
  flags: { again: { help: "compute every window anew" } },
  async run({ words: [monitor = ""], flags, server, output }) {
    const at = server();
    const windows = flags.again ? ("again" as const) : ("due" as const);
    const call = { params: { monitor }, body: { windows }, project: at.project };
    const asked = await at.call(monitoringApi.runMonitor, call);
    output.show({ json: asked, lines: [`${asked.name} is looked at within seconds.`] });
  },
});

const incidents = command({
  name: "incidents list",
  summary: "List incidents, newest first.",
  words: [],
  flags: { state: { value: "STATE", help: `one of ${STATES.join(", ")} (default: all)` }, limit: LIMIT },
  async run({ flags, server, output }) {
    const at = server();
    const state = oneOf(flags.state, "state", STATES);
    const asked = state === undefined ? {} : { state };
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(monitoringApi.listIncidents, { query: { ...asked, ...page }, project: at.project }),
    );
    output.show({ json: { items }, lines: incidentTable(items) });
  },
});

const acknowledge = command({
  name: "incidents ack",
  summary: "Say that somebody looks after an incident.",
  words: ["INCIDENT"],
  flags: { note: NOTE },
  async run({ words: [incident = ""], flags, server, output }) {
    const at = server();
    const call = { params: { incident }, body: { note: flags.note ?? "" }, project: at.project };
    const changed = await at.call(monitoringApi.acknowledgeIncident, call);
    output.show({ json: changed, lines: incidentTable([changed]) });
  },
});

const resolve = command({
  name: "incidents resolve",
  summary: "End an incident; only later windows can open another.",
  words: ["INCIDENT"],
  flags: { note: NOTE },
  async run({ words: [incident = ""], flags, server, output }) {
    const at = server();
    const call = { params: { incident }, body: { note: flags.note ?? "" }, project: at.project };
    const changed = await at.call(monitoringApi.resolveIncident, call);
    output.show({ json: changed, lines: incidentTable([changed]) });
  },
});

export const monitoringCommands = [list, show, run, incidents, acknowledge, resolve];

function watchedBy({ source }: Monitor): string {
  return source.kind === "endpoint" ? `endpoint ${source.endpoint}` : `dataset ${source.dataset}`;
}

function describe(monitor: Monitor): string[] {
  return facts({
    monitor: monitor.name,
    id: monitor.id,
    watches: watchedBy(monitor),
    state: monitor.state,
    columns: monitor.columns.map(({ name }) => name).join(" "),
    "newest window": time(monitor.lastWindow?.startMs),
    incidents: monitor.openIncidents,
    problem: monitor.problem,
  });
}

/** Everything as a whole first, then each column. */
function resultTable(results: readonly WindowResult[]): string[] {
  const rows = results.map((one) => [
    one.column ?? "(all)",
    one.rows,
    one.insufficient
      ? "insufficient"
      : Object.entries(one.values)
          .map(([name, value]) => `${name}=${Number(value.toPrecision(DIGITS))}`)
          .join(" "),
  ]);
  return table(["COLUMN", "ROWS", "VALUES"], rows);
}

function incidentTable(items: readonly Incident[]): string[] {
  return table(
    ["INCIDENT", "STATE", "SEVERITY", "MONITOR", "RULE", "VALUE", "THRESHOLD", "OPENED (UTC)"],
    items.map((one) => [
      one.id,
      one.state,
      one.severity,
      one.monitor,
      one.rule,
      `${one.metric} ${Number(one.lastValue.toPrecision(DIGITS))}`,
      `${one.comparison} ${one.threshold}`,
      time(one.openedMs),
    ]),
  );
}
