import {
  featureStoreApi,
  type Materialization,
  type TrainingSet,
  type View,
} from "@atrium/contract/feature-store";
import { command } from "../lib/command.ts";
import { Failure, UsageError } from "../lib/failure.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf, moment } from "../lib/values.ts";

const LOOK_EVERY_MS = 500; // As often as the worker looks for work.

const list = command({
  name: "features list",
  summary: "List feature views and services, by name.",
  words: [],
  flags: { limit: { value: "N", help: "at most so many of each (default 50)" } },
  async run({ flags, server, output }) {
    const at = server();
    const { project } = at;
    const limit = limitOf(flags.limit);
    const views = await readPages(limit, (query) => at.call(featureStoreApi.listViews, { query, project }));
    const services = await readPages(limit, (query) =>
      at.call(featureStoreApi.listServices, { query, project }),
    );
    output.show({
      json: { views, services },
      lines: [
        ...table(
          ["VIEW", "VERSION", "KEYS", "FEATURES", "DATASET", "ONLINE AS OF (UTC)"],
          views.map((view) => [
            view.name,
            view.version,
            keysOf(view),
            view.allFeatures.length,
            view.source.dataset,
            time(view.freshness.materializedToMs),
          ]),
        ),
        "",
        ...table(
          ["SERVICE", "VERSION", "KEYS", "VIEWS"],
          services.map((one) => [
            one.name,
            one.version,
            keysOf(one),
            one.views.map(({ view, version }) => `${view}@${version}`).join(" "),
          ]),
        ),
      ],
    });
  },
});

const show = command({
  name: "features show",
  summary: "Show a feature view: its features, its source, how fresh it is.",
  words: ["VIEW"],
  flags: {},
  async run({ words: [name = ""], server, output }) {
    const at = server();
    const view = await at.call(featureStoreApi.getView, { params: { name }, query: {}, project: at.project });
    output.show({ json: view, lines: [...describe(view), "", ...featureTable(view)] });
  },
});

const get = command({
  name: "features get",
  summary: "Read the online values of one entity.",
  words: ["SERVICE", "KEY=VALUE…"],
  flags: { view: { help: "the first word is a feature view, and not a service" } },
  async run({ words: [name = "", ...pairs], flags, server, output }) {
    const at = server();
    const call = { params: { name }, project: at.project };
    const shape = flags.view
      ? await at.call(featureStoreApi.getView, { ...call, query: {} })
      : await at.call(featureStoreApi.getService, { ...call, query: {} });
    const body = { keys: [keyRow(pairs, shape.joinKeys)] };
    const { columns } = flags.view
      ? await at.call(featureStoreApi.readView, { ...call, body })
      : await at.call(featureStoreApi.readOnline, { ...call, body });
    const rows = columns.map((column) => [
      column.name,
      column.view,
      shown(column.values[0]),
      column.statuses[0],
      time(column.eventMs[0] ?? undefined),
    ]);
    output.show({
      json: { columns },
      lines: table(["FEATURE", "VIEW", "VALUE", "STATUS", "OF (UTC)"], rows),
    });
  },
});

const materialize = command({
  name: "features materialize",
  summary: "Bring a feature view's values into the online store, and wait until they are there.",
  words: ["VIEW"],
  flags: {
    "as-of": { value: "TIME", help: "the values of this moment (default now): 2h ago, or a date" },
    full: { help: "read everything, and not only what came since the last time" },
  },
  async run({ words: [name = ""], flags, server, output }) {
    const at = server();
    const asOfMs = moment(flags["as-of"], "as-of");
    const started = await at.call(featureStoreApi.materialize, {
      params: { name },
      body: { mode: flags.full ? "full" : "incremental", ...(asOfMs === undefined ? {} : { asOfMs }) },
      project: at.project,
    });
    const done = await finished(started, () =>
      at.call(featureStoreApi.getMaterialization, { params: { id: started.id }, project: at.project }),
    );
    output.show({ json: done, lines: [materialized(done)] });
  },
});

const trainingSet = command({
  name: "features training-set",
  summary: "Make a point-in-time training set for the rows of a dataset, and wait until it is there.",
  words: ["SERVICE", "DATASET", "TIME-COLUMN"],
  flags: {
    name: { value: "NAME", help: "sets of one name are numbered (default the service's name)" },
    sql: { value: "SQL", help: "which rows: a statement over the table 'dataset'" },
    "full-names": { help: "call the columns view__feature" },
    defaults: { help: "put the declared defaults where there is no value" },
  },
  async run({ words: [service = "", dataset = "", timestampColumn = ""], flags, server, output }) {
    const at = server();
    const started = await at.call(featureStoreApi.createTrainingSet, {
      body: {
        service,
        entities: { dataset, timestampColumn, ...(flags.sql === undefined ? {} : { sql: flags.sql }) },
        names: flags["full-names"] ? "full" : "short",
        defaults: flags.defaults ? "filled" : "kept",
        ...(flags.name === undefined ? {} : { name: flags.name }),
      },
      project: at.project,
    });
    const done = await finished(started, () => readSet(at, started));
    output.show({ json: done, lines: describeSet(done) });
  },
});

export const featureStoreCommands = [list, show, get, materialize, trainingSet];

function readSet(at: Server, { name, number }: TrainingSet): Promise<TrainingSet> {
  return at.call(featureStoreApi.getTrainingSet, { params: { name, number }, project: at.project });
}

/** Waits for the worker. @throws Failure in its words */
async function finished<T extends Pick<Materialization, "state" | "error">>(
  started: T,
  look: () => Promise<T>,
): Promise<T> {
  let now = started;
  while (now.state === "queued" || now.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    now = await look();
  }
  if (now.state === "failed") throw new Failure(now.error ?? "It failed.");
  return now;
}

function keyRow(
  pairs: readonly string[],
  joinKeys: readonly { name: string; type: string }[],
): Record<string, string | number> {
  const types = new Map(joinKeys.map(({ name, type }) => [name, type]));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      if (rest.length === 0) throw new UsageError(`Write KEY=VALUE, not '${pair}'.`);
      if (!types.has(name)) {
        throw new UsageError(`The keys are ${[...types.keys()].join(", ")}; '${name}' is none of them.`);
      }
      return [name, rest.join("=")];
    }),
  );
}

function keysOf({ joinKeys }: { joinKeys: readonly { name: string }[] }): string {
  return joinKeys.map(({ name }) => name).join(", ");
}

function describe(view: View): string[] {
  const { source, freshness } = view;
  return facts({
    view: `${view.name}@${view.version}`,
    description: view.description,
    keys: keysOf(view),
    dataset: source.version === undefined ? source.dataset : `${source.dataset}, version ${source.version}`,
    time: source.timestampColumn,
    "time to live": view.ttlSeconds === null ? "none" : `${view.ttlSeconds} s`,
    "online as of": time(freshness.materializedToMs),
    "newest value": time(freshness.newestEventMs),
    written: time(freshness.writtenMs),
  });
}

function featureTable({ allFeatures }: View): string[] {
  const rows = allFeatures.map((one) => [
    one.name,
    one.type,
    shown(one.default),
    one.aggregation ?? one.description,
  ]);
  return table(["FEATURE", "TYPE", "DEFAULT", "WHAT"], rows);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function materialized({ view, asOfMs, rowsWritten, rowsRead }: Materialization): string {
  return `${view} is online as of ${time(asOfMs)}: ${rowsWritten} of ${rowsRead} values were newer.`;
}

function describeSet(set: TrainingSet): string[] {
  const head = facts({
    "training set": `${set.name} ${set.number}`,
    rows: set.rows,
    file: set.artifactPath,
    digest: set.digest,
  });
  const columns = set.columns.map((one) => [one.name, one.type, one.nulls, one.distinct, one.min, one.max]);
  return [...head, "", ...table(["COLUMN", "TYPE", "NULLS", "DISTINCT", "MIN", "MAX"], columns)];
}
