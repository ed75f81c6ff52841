import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { z } from "zod";

/** Everything that can be set, checked once at start. Nothing else in the program reads the environment. */
export interface Config {
  dataDirectory: string;
  /** Packages and environments of Python: what is in them is public, and every server of this user shares them. */
  cacheDirectory: string;
  listen: { host: string; port: number };
  /** How the listener proves itself; `own` makes and renews a certificate from our own authority. */
  tls: { kind: "off" } | { kind: "own" } | { kind: "given"; certificateFile: string; keyFile: string };
  /** Names under which people reach us, besides loopback, IP addresses and the machine's own name. */
  allowedHosts: readonly string[];
  database: { engine: "sqlite" } | { engine: "postgres"; url: string };
  key:
    | { kind: "file"; path: string }
    | { kind: "text"; text: string }
    | { kind: "default"; directory: string };
  adminToken: string | undefined;
  /** `level` is what is kept, `printLevel` what stdout gets: a terminal is quiet unless it was asked not to be. */
  log: { format: "text" | "json"; level: LogLevel; printLevel: LogLevel };
  /** How long a notebook server may be without use before it stops; the module's own choice when not set. */
  notebookIdleMs: number | undefined;
  roles: readonly Role[];
  /** Whether a new data folder gets the sample project. */
  sample: "wanted" | "unwanted";
  /** What programs get that we start, and all they get: where programs lie, proxies, certificates, package indexes. */
  programs: Readonly<Record<string, string>>;
}

type LogLevel = "debug" | "info" | "warn" | "error";

export const ROLES = ["api", "worker"] as const;
export type Role = (typeof ROLES)[number];

/** Settings that are wrong, all at once; each line names the setting and says what to do. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

export interface Flags {
  port?: string | undefined;
  host?: string | undefined;
  data?: string | undefined;
  roles?: string | undefined;
  "no-sample"?: boolean | undefined;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
const ADMIN_TOKEN_LENGTH_MIN = 32; // Shorter ones can be guessed; 32 random characters cannot.

// The CLI shares our prefix: its two settings may stand in the same environment.
const OF_THE_CLI = ["ATRIUM_URL", "ATRIUM_TOKEN", "ATRIUM_PROJECT", "ATRIUM_JOB_ID"];

// Of our own environment programs that we start see this and nothing else.
const FOR_PROGRAMS =
  /^(PATH|HOME|LANG|LC_[A-Z]+|TZ|TMPDIR|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy|UV_[A-Z_]+|PIP_[A-Z_]+)$/i;
const PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin";

const Environment = z.strictObject({
  ATRIUM_PORT: z.string().optional(),
  ATRIUM_HOST: z.string().min(1, "must not be empty").optional(),
  ATRIUM_DATA: z.string().min(1, "must not be empty").optional(),
  ATRIUM_CACHE: z.string().min(1, "must not be empty").optional(),
  ATRIUM_ROLES: z.string().optional(),
  ATRIUM_ALLOWED_HOSTS: z.string().optional(),
  ATRIUM_TLS_CERT_FILE: z.string().optional(),
  ATRIUM_TLS_KEY_FILE: z.string().optional(),
  ATRIUM_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must begin with postgres://; leave it out for the built-in SQLite")
    .optional(),
  ATRIUM_KEY: z.string().optional(),
  ATRIUM_KEY_FILE: z.string().optional(),
  ATRIUM_ADMIN_TOKEN: z.string().optional(),
  ATRIUM_ADMIN_TOKEN_FILE: z.string().optional(),
  ATRIUM_NOTEBOOK_IDLE_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, "must be a number of seconds")
    .optional(),
  ATRIUM_LOG_FORMAT: z.enum(["text", "json"], "must be text or json").optional(),
  ATRIUM_LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"], "must be debug, info, warn or error")
    .optional(),
});

type Settings = z.infer<typeof Environment>;

/** Reads flags and environment into a checked Config.
 *  @throws ConfigError listing every problem at once */
export function readConfig(flags: Flags, environment: NodeJS.ProcessEnv = process.env): Config {
  const ours = Object.entries(environment).filter(
    ([name]) => name.startsWith("ATRIUM_") && !OF_THE_CLI.includes(name),
  );
  const parsed = Environment.safeParse(Object.fromEntries(ours));
  if (!parsed.success) throw new ConfigError(parsed.error.issues.flatMap(describe));

  const problems: string[] = [];
  const settings = parsed.data;
  const host = flags.host ?? settings.ATRIUM_HOST ?? "127.0.0.1";
  const config: Config = {
    dataDirectory: absolute(flags.data ?? settings.ATRIUM_DATA ?? join(dataHome(environment), "atrium")),
    cacheDirectory: absolute(settings.ATRIUM_CACHE ?? join(cacheHome(environment), "atrium")),
    listen: { host, port: readPort(flags.port ?? settings.ATRIUM_PORT ?? "7400", problems) },
    tls: readTls(settings, host, problems),
    allowedHosts: (settings.ATRIUM_ALLOWED_HOSTS ?? "")
      .split(",")
      .map((name) => name.trim().toLowerCase())
      .filter(Boolean),
    database:
      settings.ATRIUM_DATABASE_URL === undefined
        ? { engine: "sqlite" }
        : { engine: "postgres", url: settings.ATRIUM_DATABASE_URL },
    key: readKey(settings, environment, problems),
    adminToken: readAdminToken(settings, problems),
    log: readLog(settings),
    notebookIdleMs:
      settings.ATRIUM_NOTEBOOK_IDLE_SECONDS === undefined
        ? undefined
        : Number(settings.ATRIUM_NOTEBOOK_IDLE_SECONDS) * 1000,
    sample: flags["no-sample"] === true ? "unwanted" : "wanted",
    roles: readRoles(flags.roles ?? settings.ATRIUM_ROLES ?? "api,worker", problems),
    programs: readPrograms(environment),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function readPrograms(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && FOR_PROGRAMS.test(entry[0]),
  );
  return { PATH: PATH_DEFAULT, ...Object.fromEntries(kept) };
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => `${name}: there is no such setting; correct its name or remove it.`);
  }
  return [`${issue.path.join(".")}: ${issue.message}.`];
}

function readLog({ ATRIUM_LOG_FORMAT: format = "text", ATRIUM_LOG_LEVEL: level }: Settings): Config["log"] {
  return { format, level: level ?? "info", printLevel: level ?? (format === "text" ? "warn" : "info") };
}

function readPort(text: string, problems: string[]): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    problems.push(`Port '${text}': must be a number from 0 to 65535.`);
  return port;
}

function readRoles(text: string, problems: string[]): Role[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !ROLES.some((role) => role === name));
  if (unknown.length > 0) problems.push(`Roles '${unknown.join(", ")}': there are ${ROLES.join(" and ")}.`);
  return ROLES.filter((role) => names.includes(role));
}

function readTls(settings: Settings, host: string, problems: string[]): Config["tls"] {
  const { ATRIUM_TLS_CERT_FILE: certificateFile, ATRIUM_TLS_KEY_FILE: keyFile } = settings;
  if (certificateFile === undefined && keyFile === undefined) {
    return LOOPBACK.has(host) ? { kind: "off" } : { kind: "own" };
  }
  if (certificateFile === undefined || keyFile === undefined) {
    problems.push(
      "ATRIUM_TLS_CERT_FILE and ATRIUM_TLS_KEY_FILE: set both, or neither to use our own authority.",
    );
    return { kind: "own" };
  }
  for (const file of [certificateFile, keyFile]) {
    if (!existsSync(file)) problems.push(`${file}: there is no such file, but the TLS settings name it.`);
  }
  return { kind: "given", certificateFile, keyFile };
}

function readKey(settings: Settings, environment: NodeJS.ProcessEnv, problems: string[]): Config["key"] {
  if (settings.ATRIUM_KEY !== undefined && settings.ATRIUM_KEY_FILE !== undefined) {
    problems.push("ATRIUM_KEY and ATRIUM_KEY_FILE: set one of them, not both.");
  }
  if (settings.ATRIUM_KEY !== undefined) return { kind: "text", text: settings.ATRIUM_KEY };
  if (settings.ATRIUM_KEY_FILE !== undefined)
    return { kind: "file", path: absolute(settings.ATRIUM_KEY_FILE) };
  const configHome = environment.XDG_CONFIG_HOME ?? join(homedir(), ".config");
  return { kind: "default", directory: join(configHome, "atrium", "keys") };
}

function readAdminToken(settings: Settings, problems: string[]): string | undefined {
  const { ATRIUM_ADMIN_TOKEN: given, ATRIUM_ADMIN_TOKEN_FILE: file } = settings;
  if (given !== undefined && file !== undefined) {
    problems.push("ATRIUM_ADMIN_TOKEN and ATRIUM_ADMIN_TOKEN_FILE: set one of them, not both.");
  }
  if (file !== undefined && !existsSync(file)) {
    problems.push(`ATRIUM_ADMIN_TOKEN_FILE: there is no file ${file}.`);
    return undefined;
  }
  const token = file === undefined ? given : readFileSync(file, "utf8").trim();
  if (token !== undefined && token.length < ADMIN_TOKEN_LENGTH_MIN) {
    problems.push(
      `ATRIUM_ADMIN_TOKEN: needs at least ${ADMIN_TOKEN_LENGTH_MIN} characters; try: openssl rand -hex 32`,
    );
  }
  return token;
}

function dataHome(environment: NodeJS.ProcessEnv): string {
  return environment.XDG_DATA_HOME ?? join(homedir(), ".local", "share");
}

function cacheHome(environment: NodeJS.ProcessEnv): string {
  return environment.XDG_CACHE_HOME ?? join(homedir(), ".cache");
}

function absolute(path: string): string {
  return isAbsolute(path) ? path : resolve(path);
}
