import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "./needs/chromium.ts";
import { emptyPostgresUrl, postgresUrl } from "./needs/postgres.ts";
import { pythonWith } from "./needs/python.ts";
import { ROOT, type Stage } from "./stage.ts";

const CONFORMANCE = join(ROOT, "conformance");
const CLIENT_ENGINES = ["sqlite", "postgres"] as const;
const ONCE = ["jupyter"]; // A minute of installing, and nothing of theirs differs between databases; the unit tests run on both.
const WITH_BROWSER = ["jupyter"];
const WITHOUT_DATABASE = ["engines", "statistics"]; // They start no server that keeps anything: once is enough.

/** The fast gate: what every change must pass before it lands, in under two minutes. */
export const gateStages: readonly Stage[] = [
  { name: "types", command: ["tsc", "-b"] },
  { name: "style (biome)", command: ["biome", "check", "--error-on-warnings"] },
  { name: "unused (knip)", command: ["knip"] },
  { name: "tidy", command: vitest("unit", "checks") },
  { name: "unit", command: vitest("unit", "--exclude", "checks/**") },
  { name: "web", command: vitest("web") },
];

/** Everything: the gate, then what needs a database server, Python clients or a browser. */
export function allStages(): Stage[] {
  return [
    ...gateStages,
    {
      name: "unit on PostgreSQL",
      command: vitest("postgres"),
      prepare: async () => ({ ATRIUM_TEST_POSTGRES_URL: await postgresUrl() }),
    },
    ...conformanceFolders().flatMap((folder) =>
      ([...ONCE, ...WITHOUT_DATABASE].includes(folder) ? (["sqlite"] as const) : CLIENT_ENGINES).map(
        (engine) => conformance(folder, engine),
      ),
    ),
    { name: "browser", command: vitest("browser"), prepare: chromium },
    { name: "sample", command: vitest("sample"), prepare: chromium },
  ];
}

function vitest(project: string, ...rest: string[]): string[] {
  return ["vitest", "run", "--project", project, ...rest];
}

/** Folders of clients: each has `run.ts`, and `requirements.txt` when the client is a Python package. */
function conformanceFolders(): string[] {
  return readdirSync(CONFORMANCE).filter((name) => existsSync(join(CONFORMANCE, name, "run.ts")));
}

function conformance(folder: string, engine: (typeof CLIENT_ENGINES)[number]): Stage {
  const requirements = join(CONFORMANCE, folder, "requirements.txt");
  return {
    name: `${folder}, ${engine}`,
    command: ["node", `conformance/${folder}/run.ts`],
    prepare: async () => ({
      ...(existsSync(requirements) ? { PYTHON: pythonWith(requirements) } : {}),
      ...(WITH_BROWSER.includes(folder) ? await chromium() : {}),
      ...(engine === "postgres" ? { ATRIUM_DATABASE_URL: await emptyPostgresUrl() } : {}),
    }),
  };
}
