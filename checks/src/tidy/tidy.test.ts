import { describe, expect, test } from "vitest";
import { ROOT } from "../stage.ts";
import { readTree } from "./read-tree.ts";
import { breaches, RULES, readProject } from "./tidy.ts";

describe("the repository", () => {
  const project = readProject(readTree(ROOT));

  test("is read whole", () => {
    expect(project.sources.has("server/src/config.ts")).toBe(true);
    expect(project.sources.has("web/src/app.tsx")).toBe(true);
    expect(project.table.get("identity")).toEqual(new Set(["audit"]));
  });

  for (const [name, rule] of Object.entries(RULES)) {
    test(name, () => {
      expect(breaches(project, rule)).toEqual([]);
    });
  }
});

// A small server that keeps every rule; each planted file breaks one.
const TIDY: Record<string, string> = {
  "ARCHITECTURE.md": `
| Module | May import | What it is for |
|---|---|---|
| audit | nothing | the record |
| identity | audit | who |
| projects | audit, identity | where |
| lineage | audit, identity, projects | whence |
| tracking | the four | runs |
`,
  "contract/src/http.ts": 'import type { z } from "zod";\nexport type Shape = z.ZodType;\n',
  "server/src/config.ts": "export const port = process.env.ATRIUM_PORT;\n",
  "server/src/wiring.ts":
    'import { createAudit } from "#modules/audit";\nimport { openSqlite } from "./ports/database/sqlite.ts";\nexport const audit = createAudit(openSqlite());\n',
  "server/src/lib/errors.ts": "export class AppError extends Error {}\n",
  "server/src/ports/database/database.ts": "export interface Tx {}\n",
  "server/src/ports/database/sqlite.ts":
    'import { Kysely } from "kysely";\nexport const openSqlite = () => Kysely;\n',
  "server/src/modules/audit/index.ts": 'export { createAudit } from "./audit.ts";\n',
  "server/src/modules/audit/audit.ts":
    'import { rows } from "./queries.ts";\nexport const createAudit = (db: unknown) => [db, rows];\n',
  "server/src/modules/audit/queries.ts":
    'import type { Tx } from "#ports/database";\nexport const rows = (tx: Tx, db: any) => db.selectFrom("audit_records");\n',
  "server/src/modules/identity/index.ts": 'export type { Actor } from "./actor.ts";\n',
  "server/src/modules/identity/actor.ts":
    'import type { Audit } from "#modules/audit";\nexport interface Actor { trail: Audit }\n',
  "server/src/protocols/mlflow/routes.ts":
    'import type { Actor } from "#modules/identity";\nexport const mount = (actor: Actor) => actor;\n',
  "server/src/roles/api/app.ts": 'export { mount } from "../../protocols/mlflow/routes.ts";\n',
  "server/migrations/0001-audit.sql": "create table audit_records (seq bigint);\n",
};

describe("a tidy tree", () => {
  for (const name of Object.keys(RULES)) {
    test(`keeps the rule: ${name}`, () => {
      expect(breach(name, {})).toEqual([]);
    });
  }
});

const lines = (count: number, line: string) => `${line}\n`.repeat(count);

// Rule → planted files → what the finding must say.
const PLANTED: [rule: string, files: Record<string, string>, finding: RegExp][] = [
  [
    "layers are never turned round",
    { "server/src/lib/ids.ts": 'import type { Tx } from "#ports/database";\nexport type T = Tx;\n' },
    /lib must not import ports/,
  ],
  [
    "layers are never turned round",
    {
      "server/src/modules/audit/x.ts": 'import { mount } from "../../protocols/mlflow/routes.ts";\nmount;\n',
    },
    /modules must not import protocols/,
  ],
  [
    "layers are never turned round",
    { "server/src/modules/audit/x.ts": 'import { port } from "../../config.ts";\nport;\n' },
    /modules must not import root/,
  ],
  [
    "layers are never turned round",
    { "server/src/protocols/kfp/x.ts": 'import { mount } from "../mlflow/routes.ts";\nmount;\n' },
    /protocols must not import protocols/,
  ],
  [
    "layers are never turned round",
    { "server/src/roles/api/x.ts": 'import { clock } from "../../testing/clock.ts";\nclock;\n' },
    /only tests may import/,
  ],
  [
    "modules import only their neighbours",
    {
      "server/src/modules/audit/x.ts":
        'import type { Actor } from "#modules/identity";\nexport type A = Actor;\n',
    },
    /does not let audit import identity/,
  ],
  [
    "modules import only their neighbours",
    { "server/src/modules/lineage/x.ts": 'export type { Run } from "#modules/tracking";\n' },
    /does not let lineage import tracking/,
  ],
  [
    "modules import only their neighbours",
    { "server/src/modules/audit/x.ts": 'export type A = import("#modules/identity").Actor;\n' },
    /does not let audit import identity/,
  ],
  [
    "modules import only their neighbours",
    { "server/src/modules/audit/x.ts": 'export const late = () => import("#modules/identity");\n' },
    /does not let audit import identity/,
  ],
  [
    "folders are entered by their front door",
    { "server/src/modules/identity/x.ts": 'import { rows } from "../audit/queries.ts";\nrows;\n' },
    /enter modules\/audit by its front door/,
  ],
  [
    "folders are entered by their front door",
    {
      "server/src/modules/audit/x.ts":
        'import { openSqlite } from "../../ports/database/sqlite.ts";\nopenSqlite;\n',
    },
    /enter ports\/database by its front door/,
  ],
  [
    "modules stand on no engine or framework",
    {
      "server/src/modules/audit/x.ts":
        'import type { FastifyRequest } from "fastify";\nexport type R = FastifyRequest;\n',
    },
    /must not import fastify/,
  ],
  [
    "modules stand on no engine or framework",
    { "server/src/modules/audit/x.ts": 'import { S3 } from "@aws-sdk/client-s3/dist";\nS3;\n' },
    /must not import @aws-sdk\/client-s3:/,
  ],
  [
    "workspaces know one another by the contract",
    { "web/src/x.ts": 'import { port } from "../../server/src/config.ts";\nport;\n' },
    /web must not import from server/,
  ],
  [
    "workspaces know one another by the contract",
    { "contract/src/x.ts": 'import { port } from "../../cli/src/main.ts";\nport;\n' },
    /contract must not import from cli/,
  ],
  [
    "workspaces know one another by the contract",
    { "web/src/x.ts": 'import { startServer } from "../../conformance/lib/server.ts";\nstartServer();\n' },
    /web must not import from conformance/,
  ],
  [
    "the browser carries no schema",
    {
      "contract/src/words.ts": 'import { z } from "zod";\nexport const words = z.enum(["a"]);\n',
      "contract/src/more.ts": 'import { words } from "./words.ts";\nexport const more = words;\n',
      "web/src/x.ts": 'import { more } from "@atrium/contract/more";\nmore;\n',
    },
    /@atrium\/contract\/more brings schemas into the browser/,
  ],
  [
    "imports form no circle",
    {
      "cli/src/a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
      "cli/src/b.ts": 'import { a } from "./a.ts";\nexport const b = a;\n',
    },
    /circle: cli\/src\/a.ts → cli\/src\/b.ts → cli\/src\/a.ts/,
  ],
  ["imports lead somewhere", { "cli/src/a.ts": 'import { b } from "./gone.ts";\nb;\n' }, /leads nowhere/],
  [
    "only config reads the environment",
    { "server/src/modules/audit/x.ts": "export const home = process.env.HOME;\n" },
    /only config/,
  ],
  [
    "only wiring constructs",
    { "server/src/roles/api/x.ts": 'import { createAudit } from "#modules/audit";\ncreateAudit(1);\n' },
    /only wiring.ts calls createAudit/,
  ],
  [
    "only wiring constructs",
    { "server/src/main.ts": 'import { openSqlite } from "./ports/database/sqlite.ts";\nopenSqlite();\n' },
    /only wiring.ts calls openSqlite/,
  ],
  [
    "only queries hold SQL",
    { "server/src/modules/audit/x.ts": 'export const all = (db: any) => db.selectFrom("audit_records");\n' },
    /queries belong in queries.ts: db.selectFrom/,
  ],
  [
    "only queries hold SQL",
    { "server/src/roles/api/x.ts": 'import { sql } from "kysely";\nsql;\n' },
    /do not import kysely here/,
  ],
  [
    "modules name no protocol and no engine",
    { "server/src/modules/audit/x.ts": "export const mlflowRun = 1;\n" },
    /no protocol or engine: mlflow/,
  ],
  [
    "modules name no protocol and no engine",
    { "server/src/modules/audit/x.ts": "export const said = (e: string) => `PostgreSQL says $" + "{e}`;\n" },
    /no protocol or engine: PostgreS/,
  ],
  ["files are short", { "cli/src/a.ts": lines(501, "export {};") }, /501 lines; at most 500/],
  ["files are short", { "cli/src/a.test.ts": lines(801, "export {};") }, /801 lines; at most 800/],
  [
    "functions are short",
    { "cli/src/a.ts": `export function long() {\n${lines(69, "  f();")}}\n` },
    /long has 71 lines/,
  ],
  [
    "functions are short",
    { "cli/src/a.ts": `export const make = () => {\n  const inner = () => {\n${lines(70, "f();")}};\n};\n` },
    /inner has 72 lines/,
  ],
  [
    "functions take few parameters",
    { "cli/src/a.ts": "export const f = (a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n" },
    /f takes 4 parameters/,
  ],
  [
    "functions are short",
    { "cli/src/a.test.ts": `describe("x", () => {\n  test("a", () => {\n${lines(70, "f();")}  });\n});\n` },
    /a function has 72 lines/,
  ],
  [
    "functions take few parameters",
    { "cli/src/a.ts": "export const f = (_tx: 0, a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n" },
    /f takes 4 parameters/,
  ],
  [
    "functions take few parameters",
    { "cli/src/a.ts": "export const f = (tx: 0, a: 1, b: 2, c: 3, d: 4) => [tx, a, b, c, d];\n" },
    /f takes 4 parameters/,
  ],
  [
    "front doors only re-export",
    { "server/src/modules/lineage/index.ts": "export const made = 1;\n" },
    /named re-exports only/,
  ],
  [
    "front doors only re-export",
    { "server/src/modules/lineage/index.ts": 'export * from "./lineage.ts";\n' },
    /named re-exports only/,
  ],
  [
    "front doors only re-export",
    { "server/src/modules/lineage/index.ts": lines(41, 'export { a } from "./a.ts";') },
    /at most 40/,
  ],
  ["files are named in kebab-case", { "cli/src/runList.ts": "export {};\n" }, /not in our form/],
  ["files are named in kebab-case", { "conformance/mlflow/runWalk.py": "" }, /not in our form/],
  ["nothing unfinished hides in a comment", { "cli/src/a.ts": "// TODO: later\nexport {};\n" }, /issue/],
  [
    "tests have names of their own",
    { "cli/src/a.test.ts": 'test("a", () => {});\ntest("a", () => {});\n' },
    /another test here is named 'a'/,
  ],
  [
    "migrations are numbered once",
    { "server/migrations/0001-identity.sql": "create table identity_users (id text);\n" },
    /has the same number/,
  ],
  [
    "migrations are numbered once",
    { "server/migrations/0002-identity.sql": "create table users (id text);\n" },
    /users does not begin with identity_/,
  ],
  ["migrations are numbered once", { "server/migrations/3-identity.sql": "" }, /NNNN/],
];

describe("a planted breach is found", () => {
  for (const [at, [rule, files, finding]] of PLANTED.entries()) {
    test(`${rule} (${at + 1}: ${Object.keys(files)[0]})`, () => {
      expect(breach(rule, files).join("\n")).toMatch(finding);
    });
  }

  test("every rule has one", () => {
    expect(new Set(PLANTED.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  test("two tests of one name in different groups are two tests", () => {
    const text = 'describe("x", () => { test("a", f); });\ndescribe("y", () => { test("a", f); });\n';
    expect(breach("tests have names of their own", { "cli/src/a.test.ts": text })).toEqual([]);
  });

  test("a group of tests is a list, as a file is, and no long function", () => {
    const group = (name: string) =>
      `${name}("x", () => {\n${lines(40, '  test("a", () => f());')}${lines(40, "f();")}});\n`;
    const files = {
      "cli/src/a.test.ts": group("describe"),
      "cli/src/b.test.ts": group("describe.each([1])"),
    };
    expect(breach("functions are short", files)).toEqual([]);
  });

  test("the browser's tests may start a server as other clients' tests do", () => {
    const text = 'import { startServer } from "../../conformance/lib/server.ts";\nstartServer();\n';
    expect(breach("workspaces know one another by the contract", { "web/browser/setup.ts": text })).toEqual(
      [],
    );
  });

  test("the browser may take types of a schema, and values that stand without one", () => {
    const files = {
      "contract/src/words.ts": 'import { z } from "zod";\nexport const words = z.enum(["a"]);\n',
      "contract/src/names.ts": 'export const names = ["a"] as const;\n',
      "web/src/x.ts":
        'import type { words } from "@atrium/contract/words";\nimport { names } from "@atrium/contract/names";\nexport type W = typeof words;\nnames;\n',
    };
    expect(breach("the browser carries no schema", files)).toEqual([]);
  });

  test("types may go in a circle", () => {
    const files = {
      "cli/src/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;\n',
      "cli/src/b.ts": 'import type { A } from "./a.ts";\nexport type B = A;\n',
    };
    expect(breach("imports form no circle", files)).toEqual([]);
  });
});

function breach(name: string, planted: Record<string, string>): string[] {
  const rule = RULES[name];
  if (rule === undefined) throw new Error(`There is no rule '${name}'.`);
  return breaches(readProject(new Map(Object.entries({ ...TIDY, ...planted }))), rule);
}
