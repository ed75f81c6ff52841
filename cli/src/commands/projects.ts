import { type Project, projectsApi } from "@atrium/contract/projects";
import { command } from "../lib/command.ts";
import { readStored, writeStored } from "../lib/credentials.ts";
import { Failure } from "../lib/failure.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import { limitOf, oneOf } from "../lib/values.ts";

const list = command({
  name: "project list",
  summary: "List the projects that you may see.",
  words: [],
  flags: {
    state: { value: "STATE", help: "active (default), archived or deleted" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const state = oneOf(flags.state, "state", ["active", "archived", "deleted"]);
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(projectsApi.listProjects, { query: { ...page, ...(state && { state }) } }),
    );
    const rows = items.map((p) => [p.slug === at.project ? "*" : "", p.slug, p.name, time(p.createdMs)]);
    output.show({ json: { items }, lines: table(["", "PROJECT", "NAME", "CREATED (UTC)"], rows) });
  },
});

const create = command({
  name: "project create",
  summary: "Create a project. SLUG is its short name in addresses.",
  words: ["SLUG"],
  flags: {
    name: { value: "TEXT", help: "its display name" },
    description: { value: "TEXT", help: "what it is for" },
  },
  async run({ words: [slug = ""], flags, server, output }) {
    const { name, description } = flags;
    const body = { slug, ...(name && { name }), ...(description && { description }) };
    const project = await server().call(projectsApi.createProject, { body });
    output.show({ json: project, lines: [`Created project ${project.slug}.`] });
  },
});

const use = command({
  name: "project use",
  summary: "Work in this project from now on, unless --project or ATRIUM_PROJECT says otherwise.",
  words: ["PROJECT"],
  flags: {},
  async run({ words: [asked = ""], server, output }) {
    const at = server();
    const project = await at.call(projectsApi.getProject, { params: { project: asked } });
    const stored = readStored();
    if (stored === undefined) throw new Failure("Nothing is stored to add this to; run: atrium login");
    if (stored.url !== at.url)
      throw new Failure(`What is stored is for ${stored.url}; run: atrium login ${at.url}`);
    writeStored({ ...stored, project: project.slug });
    output.show({ json: { project: project.slug }, lines: [`Now in project ${project.slug}.`] });
  },
});

const show = command({
  name: "project show",
  summary: "Show a project, and what it uses of its quotas.",
  words: ["[PROJECT]"],
  flags: {},
  async run({ words, server, output }) {
    const at = server();
    const name = words[0] ?? at.project;
    const project = await at.call(projectsApi.getProject, { params: { project: name } });
    const quotas = await at.call(projectsApi.listQuotas, { project: project.id });
    const rows = quotas.items.map((q) => [q.resource, q.used, q.maximum ?? "no limit"]);
    output.show({
      json: { ...project, quotas: quotas.items },
      lines: [...describe(project), "", ...table(["QUOTA", "USED", "AT MOST"], rows)],
    });
  },
});

export const projectCommands = [list, create, use, show];

function describe(project: Project): string[] {
  return facts({
    project: project.slug,
    name: project.name,
    id: project.id,
    state: project.state,
    created: time(project.createdMs),
    description: project.description,
  });
}
