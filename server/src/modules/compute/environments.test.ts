import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import type { PythonPackages } from "#ports/python-packages";
import { createLeases } from "../../ports/leases/database-leases.ts";
import { actorNamed } from "../../testing/artifacts.ts";
import { openTestDatabase, type TestDatabase } from "../../testing/database.ts";
import { createEnvironments } from "./environments.ts";

const ada = actorNamed("ada");
const HOUR_MS = 3600 * 1000;

let db: TestDatabase;
let directory: string;
const time = { nowMs: 1_800_000_000_000 };
let counted: { resolved: number; built: number };

beforeEach(async () => {
  db = await openTestDatabase();
  directory = join(mkdtempSync(join(tmpdir(), "atrium-environments-")), "environments");
  counted = { resolved: 0, built: 0 };
});
afterEach(async () => {
  await db.close();
  rmSync(directory, { recursive: true, force: true });
});

/** An installer of packages that no index has to be asked for: it lays down a folder, slowly. */
function installer(): PythonPackages {
  return {
    interpreter: async () => ({ program: "/usr/bin/python3", identity: "3.11 test", version: "3.11.7" }),
    async resolve(requirements, signal) {
      counted.resolved += 1;
      await sleep(20, undefined, { signal });
      if (requirements.includes("impossible")) throw new AppError("invalid", "impossible was not found");
      if (requirements.includes("away")) throw new AppError("unavailable", "the index is away");
      return requirements.join("\n");
    },
    resolveAlone: async (requirements) => requirements.map((line) => `${line} --hash=alone`).join("\n"),
    async build(lock, folder, signal) {
      counted.built += 1;
      mkdirSync(join(folder, "bin"), { recursive: true });
      if (lock.includes("breaks")) throw new AppError("invalid", "breaks cannot be built");
      await sleep(60, undefined, { signal });
      writeFileSync(join(folder, "bin/python"), "");
      return lock.split("\n");
    },
    discard: async (folder) => rmSync(folder, { recursive: true, force: true }),
  };
}

/** One process's environments; several share a database and a folder. */
function open(packages = installer()) {
  return createEnvironments({
    db,
    clock: { now: () => time.nowMs },
    log: { warn: () => {}, error: () => {} },
    leases: createLeases(db),
    access: {
      require: async (actor) => {
        if (actor.id !== "ada") throw new AppError("not_found", "There is no such project.");
      },
      can: async () => true,
      visible: async () => ({ all: true }),
      visibleProjects: async () => [],
    },
    packages,
    environmentsDirectory: directory,
    machine: "m",
  });
}

test("what is wanted alone is laid beside the rest, unless the rest asks for it", async () => {
  const environments = open();
  const alone = await environments.ensure(ada, "p1", { requirements: ["numpy"], alone: ["kit==1"] });
  expect(alone.packages).toEqual(["numpy", "kit==1 --hash=alone"]);
  const asked = await environments.ensure(ada, "p1", { requirements: ["Kit>=1"], alone: ["kit==1"] });
  expect(asked.packages).toEqual(["Kit>=1"]);
  const none = await environments.ensure(ada, "p1", { requirements: ["numpy"] });
  expect(none.digest).not.toBe(alone.digest);
});

test("however many ask at once, in one process and in several, an environment is built once", async () => {
  const processes = [open(), open(), open()];
  const asked = Array.from({ length: 30 }, (_, i) => {
    const requirements = i % 2 === 0 ? ["a==1", "b==2"] : ["b==2  # second", "", "a==1"];
    return processes[i % 3]?.ensure(ada, "p1", { requirements });
  });
  const got = await Promise.all(asked);
  expect(new Set(got.map((one) => one?.digest)).size).toBe(1);
  expect(counted.built).toBe(1);
  expect(got[0]?.packages).toEqual(["a==1", "b==2"]);
  expect(existsSync(got[0]?.python ?? "")).toBe(true);
});

test("an environment that cannot be resolved or built says why and leaves nothing that could be taken for one", async () => {
  const environments = open();
  await expect(environments.ensure(ada, "p1", { requirements: ["impossible"] })).rejects.toMatchObject({
    code: "invalid",
    message: "impossible was not found",
  });
  await expect(environments.ensure(ada, "p1", { requirements: ["breaks"] })).rejects.toMatchObject({
    message: "breaks cannot be built",
  });
  expect(readdirSync(directory)).toEqual([]);
  await expect(environments.ensure(ada, "p1", { requirements: ["breaks"] })).rejects.toThrow();
  expect(counted.built).toBe(2);
});

test("one who leaves does not end a build that another waits for, and the last who leaves does", async () => {
  const environments = open();
  const [first, second] = [new AbortController(), new AbortController()];
  const leaving = environments.ensure(ada, "p1", { requirements: ["a==1"] }, first.signal);
  const staying = environments.ensure(ada, "p1", { requirements: ["a==1"] });
  const left = expect(leaving).rejects.toThrow();
  await sleep(50);
  first.abort();
  await left;
  expect((await staying).packages).toEqual(["a==1"]);
  const alone = environments.ensure(ada, "p1", { requirements: ["c==1"] }, second.signal);
  const alsoLeft = expect(alone).rejects.toThrow();
  await sleep(50);
  second.abort();
  await alsoLeft;
  await sleep(100);
  expect(readdirSync(directory).filter((name) => name.includes("unfinished"))).toEqual([]);
  expect((await environments.ensure(ada, "p1", { requirements: ["c==1"] })).packages).toEqual(["c==1"]);
});

test("what was resolved today is the same tomorrow morning, is asked anew later, and stands in when the index is away", async () => {
  await open().ensure(ada, "p1", { requirements: ["a"] });
  await open().ensure(ada, "p1", { requirements: ["a"] });
  expect(counted.resolved).toBe(1);
  time.nowMs += 25 * HOUR_MS;
  await open().ensure(ada, "p1", { requirements: ["a"] });
  expect(counted.resolved).toBe(2);
  time.nowMs += 25 * HOUR_MS;
  const away = { ...installer(), resolve: () => Promise.reject(new AppError("unavailable", "away")) };
  expect((await open(away).ensure(ada, "p1", { requirements: ["a"] })).packages).toEqual(["a"]);
  await expect(open(away).ensure(ada, "p1", { requirements: ["b"] })).rejects.toThrow("away");
});

test("a list of environments shows those of the project, the last used first, page by page", async () => {
  const environments = open();
  for (const name of ["a", "b", "c"]) {
    time.nowMs += 1;
    await environments.ensure(ada, "p1", { requirements: [name] });
  }
  await environments.ensure(ada, "p2", { requirements: ["d"] });
  time.nowMs += 60_000;
  await environments.ensure(ada, "p1", { requirements: ["a"] });
  const first = await environments.list(ada, "p1", { pageSize: 2 });
  expect(first.items.map((one) => one.requirements)).toEqual([["a"], ["c"]]);
  const second = await environments.list(ada, "p1", { pageSize: 2, pageToken: first.nextToken });
  expect(second.items.map((one) => one.requirements)).toEqual([["b"]]);
  expect(second.nextToken).toBeUndefined();
  await expect(environments.list(actorNamed("eve"), "p1", { pageSize: 2 })).rejects.toThrow(
    "no such project",
  );
});

test("builds that a killed process left are removed once nobody can be working on them", async () => {
  const environments = open();
  const { digest } = await environments.ensure(ada, "p1", { requirements: ["a"] });
  const [old, young] = ["old", "young"].map((name) => join(directory, `${digest}.unfinished-${name}`));
  for (const folder of [old, young]) mkdirSync(folder ?? "");
  const longAgo = Date.now() / 1000 - 3 * 3600;
  utimesSync(old ?? "", longAgo, longAgo);
  await environments.sweep(new AbortController().signal);
  expect(existsSync(old ?? "")).toBe(false);
  expect(existsSync(young ?? "")).toBe(true);
  expect(existsSync(join(directory, digest))).toBe(true);
});

test.each([
  ["-r other.txt", "is an option"],
  ["--index-url https://x", "is an option"],
  ["./here", "is no package"],
  ["/etc/passwd", "is no package"],
  ["pkg @ file:///etc", "not https"],
  ["pkg @ git+ssh://x/y", "not https"],
  ["pkg @ https://user:word@host/x.whl", "a password"],
  [`a\u0000b`, "a control character"],
])("a requirement that is none is refused: %s", async (line, why) => {
  const asked = open().ensure(ada, "p1", { requirements: ["good==1", line] });
  await expect(asked).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining(why) });
  expect(counted.resolved).toBe(0);
});

test("a whole lock with hashes over several lines is one requirement a package", async () => {
  const hash = randomBytes(32).toString("hex");
  const lock = `a==1 \\\n    --hash=sha256:${hash} \\\n    --hash=sha256:${hash}\n# via b\nb[x,y]==2 ; python_version > "3"`;
  const ready = await open().ensure(ada, "p1", { requirements: [lock] });
  expect(ready.packages).toHaveLength(2);
});
