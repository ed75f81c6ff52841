import { openAsBlob } from "node:fs";
import { extname } from "node:path";
import {
  type Dataset,
  type DatasetCheckResult,
  type DatasetFormat,
  type DatasetProfile,
  type DatasetVersion,
  datasetCheck,
  datasetsApi,
} from "@atrium/contract/datasets";
import { command } from "../lib/command.ts";
import { Failure } from "../lib/failure.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import type { Server } from "../lib/server.ts";
import { limitOf, oneOf, whole } from "../lib/values.ts";

const VERSION_MAX = Number.MAX_SAFE_INTEGER;
const POLL_MS = 500;
const CELL_CHARACTERS_MAX = 40; // What lets a dozen columns stand side by side.
const FORMATS: Record<string, DatasetFormat> = {
  ".parquet": "parquet",
  ".csv": "csv",
  ".tsv": "csv",
  ".json": "json",
  ".jsonl": "json",
  ".ndjson": "json",
};
const VERSION_FLAG = { value: "N", help: "its number (default: the newest)" };

const list = command({
  name: "datasets list",
  summary: "List datasets, by name.",
  words: [],
  flags: {
    search: { value: "WORDS", help: "in names, descriptions, owners and tags" },
    certified: { help: "only those with a certified version" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const query = {
      ...(flags.search ? { search: flags.search } : {}),
      ...(flags.certified ? { certified: "true" as const } : {}),
    };
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(datasetsApi.list, { query: { ...query, ...page }, project: at.project }),
    );
    output.show({ json: { items }, lines: datasetTable(items) });
  },
});

const show = command({
  name: "datasets show",
  summary: "Show a dataset with its versions, or what one version holds.",
  words: ["DATASET"],
  flags: { version: { value: "N", help: "this version's columns with their profile" } },
  async run({ words: [dataset = ""], flags, server, output }) {
    const at = server();
    const found = await at.call(datasetsApi.get, { params: { dataset }, project: at.project });
    if (flags.version !== undefined) {
      const params = { dataset, version: versionOf(flags.version) };
      const version = await at.call(datasetsApi.getVersion, { params, project: at.project });
      const profile =
        version.state === "ready"
          ? await at.call(datasetsApi.profile, { params, project: at.project })
          : undefined;
      const lines = [...describeVersion(version), "", ...profileTable(profile)];
      output.show({ json: { ...version, profile }, lines });
      return;
    }
    const versions = await readPages(limitOf(undefined), (page) =>
      at.call(datasetsApi.listVersions, { params: { dataset }, query: page, project: at.project }),
    );
    const lines = [...describe(found), "", ...versionTable(versions)];
    output.show({ json: { ...found, versionList: versions }, lines });
  },
});

const create = command({
  name: "datasets create",
  summary: "Create a dataset, without a version yet.",
  words: ["DATASET"],
  flags: {
    description: { value: "TEXT", help: "what it holds and where it comes from" },
    owner: { value: "TEXT", help: "who answers for it (default: you)" },
    checks: { value: "JSON", help: 'a list: [{"name":"ids","kind":"unique","columns":["id"]}]' },
  },
  async run({ words: [name = ""], flags, server, output }) {
    const at = server();
    const body = {
      name,
      ...(flags.description ? { description: flags.description } : {}),
      ...(flags.owner ? { owner: flags.owner } : {}),
      ...(flags.checks ? { checks: readChecks(flags.checks) } : {}),
    };
    const made = await at.call(datasetsApi.create, { body, project: at.project });
    output.show({
      json: made,
      lines: [`Created ${made.name}. Next: atrium datasets upload ${made.name} FILE`],
    });
  },
});

const upload = command({
  name: "datasets upload",
  summary: "Make a version of a Parquet, CSV or JSON lines file, and wait until it is ready.",
  words: ["DATASET", "FILE"],
  flags: {
    format: { value: "WORD", help: "parquet, csv or json (default: by the file's name)" },
    description: { value: "TEXT", help: "what changed" },
    "no-wait": { help: "do not wait until it is ready" },
  },
  async run({ words: [dataset = "", file = ""], flags, server, output }) {
    const at = server();
    const format = formatOf(flags.format, file);
    const blob = await openFile(file);
    const query = { format, ...(flags.description ? { description: flags.description } : {}) };
    const input = { params: { dataset }, query, project: at.project };
    const made = await at.sendFile(datasetsApi.upload, input, blob);
    const version = flags["no-wait"] ? made : await settled(at, made);
    if (version.state === "failed") {
      throw new Failure(`Version ${version.version} of ${dataset} cannot be read: ${version.reason}`);
    }
    output.show({ json: version, lines: describeVersion(version) });
  },
});

const preview = command({
  name: "datasets preview",
  summary: "Show rows of a version, or the answer of a SELECT over its table `data`.",
  words: ["DATASET", "[SQL]"],
  flags: {
    version: VERSION_FLAG,
    offset: { value: "N", help: "rows to pass over" },
    limit: { value: "N", help: "at most so many rows (default 50)" },
  },
  async run({ words: [dataset = "", sql], flags, server, output }) {
    const at = server();
    const params = { dataset, version: await newestOr(at, dataset, flags.version) };
    const offset =
      flags.offset === undefined ? 0 : whole(flags.offset, "offset", { min: 0, max: VERSION_MAX });
    const rows =
      sql === undefined
        ? await at.call(datasetsApi.rows, {
            params,
            query: { offset, limit: limitOf(flags.limit) },
            project: at.project,
          })
        : await at.call(datasetsApi.query, { params, body: { sql }, project: at.project });
    const headings = rows.columns.map(({ name }) => name);
    const cells = rows.rows.map((row) => row.map(shorten));
    output.show({ json: rows, lines: table(headings, cells) });
  },
});

const checks = command({
  name: "datasets checks",
  summary: "Show how a version's quality checks ended; with --run, run the present ones first.",
  words: ["DATASET"],
  flags: {
    version: VERSION_FLAG,
    run: { help: "run the dataset's present checks over it" },
    set: { value: "JSON", help: "declare these checks in place of the dataset's" },
  },
  async run({ words: [dataset = ""], flags, server, output }) {
    const at = server();
    if (flags.set) {
      const body = { checks: readChecks(flags.set) };
      await at.call(datasetsApi.update, { params: { dataset }, body, project: at.project });
    }
    const params = { dataset, version: await newestOr(at, dataset, flags.version) };
    const { items } = await at.call(flags.run ? datasetsApi.runChecks : datasetsApi.checkResults, {
      params,
      project: at.project,
    });
    output.show({ json: { items }, lines: checkTable(items) });
  },
});

const certify = command({
  name: "datasets certify",
  summary: "Vouch for a version whose checks pass; with --withdraw, take that back.",
  words: ["DATASET"],
  flags: {
    version: VERSION_FLAG,
    note: { value: "TEXT", help: "why" },
    withdraw: { help: "take the certification back" },
  },
  async run({ words: [dataset = ""], flags, server, output }) {
    const at = server();
    const params = { dataset, version: await newestOr(at, dataset, flags.version) };
    const note = flags.note ? { note: flags.note } : {};
    const version = flags.withdraw
      ? await at.call(datasetsApi.withdraw, { params, query: note, project: at.project })
      : await at.call(datasetsApi.certify, { params, body: note, project: at.project });
    const now = version.certification === undefined ? "is not certified" : "is certified";
    output.show({ json: version, lines: [`Version ${params.version} of ${dataset} ${now} now.`] });
  },
});

export const datasetCommands = [list, show, create, upload, preview, checks, certify];

async function settled(at: Server, { dataset, version }: DatasetVersion): Promise<DatasetVersion> {
  for (;;) {
    const now = await at.call(datasetsApi.getVersion, { params: { dataset, version }, project: at.project });
    if (now.state !== "pending") return now;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function newestOr(at: Server, dataset: string, given: string | undefined): Promise<number> {
  if (given !== undefined) return versionOf(given);
  const { latest } = await at.call(datasetsApi.get, { params: { dataset }, project: at.project });
  if (latest === undefined) throw new Failure(`${dataset} has no version yet; upload one.`);
  return latest.version;
}

async function openFile(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file); // It throws at once, where it does not reject.
  } catch {
    throw new Failure(`Cannot read ${file}.`);
  }
}

function versionOf(text: string): number {
  return whole(text, "version", { min: 1, max: VERSION_MAX });
}

function formatOf(given: string | undefined, file: string): DatasetFormat {
  const named = oneOf(given, "format", ["parquet", "csv", "json"]);
  const format = named ?? FORMATS[extname(file).toLowerCase()];
  if (format === undefined)
    throw new Failure(`Cannot tell the format of ${file} by its name; give --format.`);
  return format;
}

function readChecks(text: string) {
  try {
    return datasetCheck.array().parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(`The checks cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function datasetTable(datasets: readonly Dataset[]): string[] {
  const rows = datasets.map((d) => [
    d.name,
    d.latest?.version,
    d.latest?.state,
    d.latest?.rowCount,
    d.certifiedVersion,
    d.owner,
    time(d.updatedMs),
  ]);
  return table(["DATASET", "LATEST", "STATE", "ROWS", "CERTIFIED", "OWNER", "CHANGED (UTC)"], rows);
}

function versionTable(versions: readonly DatasetVersion[]): string[] {
  const rows = versions.map((v) => [
    v.version,
    v.state,
    v.rowCount,
    v.sizeBytes,
    v.checks === undefined ? "" : `${v.checks.passed} passed, ${v.checks.failed} failed`,
    v.certification?.by,
    time(v.createdMs),
  ]);
  return table(["VERSION", "STATE", "ROWS", "BYTES", "CHECKS", "CERTIFIED BY", "CREATED (UTC)"], rows);
}

function describe(dataset: Dataset): string[] {
  const tags = Object.entries(dataset.tags).map(([name, value]) => `${name}=${value}`);
  return facts({
    dataset: dataset.name,
    description: dataset.description,
    owner: dataset.owner,
    tags: tags.join(" "),
    checks: dataset.checks.map(({ name }) => name).join(", "),
    certified: dataset.certifiedVersion,
    changed: time(dataset.updatedMs),
  });
}

function describeVersion(version: DatasetVersion): string[] {
  const { checks: ended, certification } = version;
  return facts({
    dataset: version.dataset,
    version: version.version,
    state: version.state,
    reason: version.reason,
    rows: version.rowCount,
    columns: version.columns?.length,
    bytes: version.sizeBytes,
    checks: ended && `${ended.passed} passed, ${ended.failed} failed, ${ended.warned} warned`,
    certified: certification && `by ${certification.by} ${time(certification.atMs)} ${certification.note}`,
    digest: version.digest,
  });
}

function profileTable(profile: DatasetProfile | undefined): string[] {
  const rows = (profile?.columns ?? []).map((c) => [
    c.name,
    c.type,
    c.nulls,
    c.distinct,
    shorten(c.min ?? null),
    shorten(c.max ?? null),
    c.mean?.toPrecision(6),
    c.top
      ?.slice(0, 3)
      .map(({ value }) => shorten(value))
      .join(", "),
  ]);
  return table(["COLUMN", "TYPE", "NULLS", "DISTINCT", "MIN", "MAX", "MEAN", "FREQUENT"], rows);
}

function checkTable(results: readonly DatasetCheckResult[]): string[] {
  const rows = results.map((r) => [r.check.name, r.check.kind, r.check.severity, r.state, r.message]);
  return table(["CHECK", "KIND", "SEVERITY", "STATE", "FOUND"], rows);
}

function shorten(value: unknown): string {
  if (value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX - 1)}…` : text;
}
