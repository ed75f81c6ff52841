import { identityApi, type Token } from "@atrium/contract/identity";
import { PERMISSIONS, type Permission } from "@atrium/contract/permissions";
import { projectsApi } from "@atrium/contract/projects";
import { command } from "../lib/command.ts";
import { credentialsFile, currentServer, forgetStored, readStored, writeStored } from "../lib/credentials.ts";
import { UsageError } from "../lib/failure.ts";
import { facts, table, time } from "../lib/output.ts";
import { readPages } from "../lib/pages.ts";
import { readSecret } from "../lib/secret-input.ts";
import { connect } from "../lib/server.ts";
import { limitOf, whole } from "../lib/values.ts";

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = "90"; // Long enough to be no nuisance, short enough that forgotten tokens die.

const login = command({
  name: "login",
  summary: "Store a server's address and a token for it; the token is asked for, or read from stdin.",
  words: ["[URL]"],
  flags: { ca: { value: "FILE", help: "trust the authority in this PEM file for this server" } },
  async run({ words, flags, output }) {
    const { url: current } = currentServer();
    const url = (words[0] ?? current).replace(/\/+$/, "");
    const token = process.env.ATRIUM_TOKEN ?? (await readSecret(`Token for ${url}: `));
    const kept = readStored();
    const caFile = flags.ca ?? (kept?.url === url ? kept.caFile : undefined);
    const me = await connect({ url, token, caFile }).call(identityApi.me, {});
    const project = kept?.url === url ? kept.project : undefined;
    writeStored({ url, token, ...(caFile && { caFile }), ...(project && { project }) });
    output.show({
      json: { url, name: me.name, file: credentialsFile() },
      lines: [`Signed in to ${url} as ${me.name}; stored in ${credentialsFile()}.`],
    });
  },
});

const logout = command({
  name: "logout",
  summary: "Forget what login stored. The token stays valid: revoke it with token revoke.",
  words: [],
  flags: {},
  async run({ output }) {
    forgetStored();
    output.show({ json: { file: credentialsFile() }, lines: [`Removed ${credentialsFile()}.`] });
  },
});

const whoami = command({
  name: "whoami",
  summary: "Show who the server takes you for, and what you may do in the project.",
  words: [],
  flags: {},
  async run({ server, output }) {
    const at = server();
    const me = await at.call(identityApi.me, { query: { project: at.project } });
    output.show({
      json: { url: at.url, project: at.project, ...me },
      lines: facts({
        server: at.url,
        name: me.name,
        "e-mail": me.email,
        kind: me.kind,
        by: me.via,
        project: at.project,
        "may there": me.permissions.project.join(" ") || "nothing",
      }),
    });
  },
});

const createToken = command({
  name: "token create",
  summary: "Make a token with at most your own rights. It is shown this once.",
  words: ["NAME"],
  flags: {
    days: { value: "N", help: `how long it lives (default ${DAYS_DEFAULT})` },
    scopes: { value: "LIST", help: "permissions it is limited to, such as run:read,run:write" },
    "project-only": { help: "it works in the project only" },
  },
  async run({ words: [name = ""], flags, server, output }) {
    const days = whole(flags.days ?? DAYS_DEFAULT, "days", { min: 1, max: 3650 });
    const scopes = flags.scopes === undefined ? undefined : readScopes(flags.scopes);
    const at = server();
    const projectId = flags["project-only"]
      ? (await at.call(projectsApi.getProject, { params: { project: at.project } })).id
      : undefined;
    const body = {
      name,
      expiresMs: Date.now() + days * DAY_MS,
      ...(scopes && { scopes }),
      ...(projectId && { projectId }),
    };
    const made = await at.call(identityApi.createToken, { body });
    output.say(
      `Token '${name}' works until ${time(made.token.expiresMs)} UTC. Keep it now: it is not shown again.`,
    );
    output.show({ json: made, lines: [made.secret] });
  },
});

const listTokens = command({
  name: "token list",
  summary: "List your tokens.",
  words: [],
  flags: {
    owner: { value: "ID", help: "those of a service account, or 'all'" },
    limit: { value: "N", help: "at most so many (default 50)" },
  },
  async run({ flags, server, output }) {
    const at = server();
    const owner = flags.owner ?? "me";
    const items = await readPages(limitOf(flags.limit), (page) =>
      at.call(identityApi.listTokens, { query: { ...page, owner } }),
    );
    output.show({ json: { items }, lines: tokenTable(items) });
  },
});

const revokeToken = command({
  name: "token revoke",
  summary: "Revoke a token at once.",
  words: ["ID"],
  flags: {},
  async run({ words: [token = ""], server, output }) {
    await server().call(identityApi.revokeToken, { params: { token } });
    output.show({ json: { revoked: token }, lines: [`Revoked ${token}.`] });
  },
});

export const identityCommands = [login, logout, whoami, createToken, listTokens, revokeToken];

function tokenTable(tokens: readonly Token[]): string[] {
  return table(
    ["ID", "NAME", "BEGINS", "OWNER", "EXPIRES (UTC)", "LAST USED", "STATE"],
    tokens.map((t) => [
      t.id,
      t.name,
      t.prefix,
      t.owner.name,
      time(t.expiresMs) || "never",
      time(t.lastUsedMs) || "never",
      stateOf(t),
    ]),
  );
}

function stateOf(token: Token): string {
  if (token.revokedMs !== undefined) return "revoked";
  return token.expiresMs !== undefined && token.expiresMs < Date.now() ? "expired" : "valid";
}

function readScopes(text: string): Permission[] {
  return text.split(",").map((word) => {
    const known = PERMISSIONS.find((permission) => permission === word.trim());
    if (known !== undefined) return known;
    throw new UsageError(
      `--scopes: there is no permission '${word.trim()}'; there are ${PERMISSIONS.join(", ")}.`,
    );
  });
}
