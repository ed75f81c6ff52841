import { type ModelVersion, type RegisteredModel, registryApi } from "@atrium/contract/registry";
import { command } from "../lib/command.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import { limitOf, whole } from "../lib/values.ts";

const VERSION_MAX = Number.MAX_SAFE_INTEGER;

const list = command({
  name: "models list",
  summary: "List registered models, by name.",
  words: [],
  flags: {
    filter: { value: "TEXT", help: "in the mlflow client's language: \"name LIKE 'fraud%'\"" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const filter = flags.filter ? { filter: flags.filter } : {};
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(registryApi.listModels, { query: { ...filter, ...page }, project: at.project }),
    );
    output.show({ json: { items }, lines: modelTable(items) });
  },
});

const show = command({
  name: "models show",
  summary: "Show a model with its versions, newest first.",
  words: ["MODEL"],
  flags: { limit: { value: "N", help: "at most so many versions (default 50)" } },
  async run({ words: [model = ""], flags, server, output }) {
    const at = server();
    const found = await at.call(registryApi.getModel, { params: { model }, project: at.project });
    const versions = await readPages(limitOf(flags.limit), (page) =>
      at.call(registryApi.listVersions, { params: { model }, query: page, project: at.project }),
    );
    output.show({
      json: { ...found, versionList: versions },
      lines: [...describe(found), "", ...versionTable(versions)],
    });
  },
});

const alias = command({
  name: "models alias",
  summary: "Point an alias at a version, moving it from where it was; without a version, take it away.",
  words: ["MODEL", "ALIAS", "[VERSION]"],
  flags: {},
  async run({ words: [model = "", name = "", version], server, output }) {
    const at = server();
    const params = { model, alias: name };
    const call = { params, project: at.project };
    const changed =
      version === undefined
        ? await at.call(registryApi.deleteAlias, call)
        : await at.call(registryApi.setAlias, {
            ...call,
            body: { version: whole(version, "version", { min: 1, max: VERSION_MAX }) },
          });
    const now = changed.aliases[name];
    const line = now === undefined ? `${model}@${name} is gone.` : `${model}@${name} is version ${now} now.`;
    output.show({ json: changed, lines: [line] });
  },
});

const history = command({
  name: "models history",
  summary: "Show every move of a model's aliases, newest first.",
  words: ["MODEL"],
  flags: { limit: { value: "N", help: "at most so many (default 50)" } },
  async run({ words: [model = ""], flags, server, output }) {
    const at = server();
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(registryApi.aliasHistory, { params: { model }, query: page, project: at.project }),
    );
    const rows = items.map((m) => [time(m.atMs), m.alias, m.fromVersion ?? "–", m.toVersion ?? "–", m.by]);
    output.show({ json: { items }, lines: table(["TIME (UTC)", "ALIAS", "FROM", "TO", "BY"], rows) });
  },
});

export const registryCommands = [list, show, alias, history];

function modelTable(models: readonly RegisteredModel[]): string[] {
  return table(
    ["MODEL", "VERSIONS", "LATEST", "ALIASES", "CHANGED (UTC)"],
    models.map((m) => [
      m.name,
      m.versions,
      m.latestVersions[0]?.version,
      aliasesOf(m.aliases),
      time(m.updatedMs),
    ]),
  );
}

function versionTable(versions: readonly ModelVersion[]): string[] {
  return table(
    ["VERSION", "ALIASES", "STAGE", "RUN", "BY", "CREATED (UTC)"],
    versions.map((v) => [v.version, v.aliases.join(" "), v.stage, v.runId, v.createdBy, time(v.createdMs)]),
  );
}

function describe(model: RegisteredModel): string[] {
  return facts({
    model: model.name,
    description: model.description,
    aliases: aliasesOf(model.aliases),
    tags: Object.entries(model.tags)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
    created: time(model.createdMs),
    changed: time(model.updatedMs),
  });
}

function aliasesOf(aliases: RegisteredModel["aliases"]): string {
  return Object.entries(aliases)
    .map(([name, version]) => `${name}→${version}`)
    .join(" ");
}
