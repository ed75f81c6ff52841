import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newId } from "#lib/ids";
import { createLog } from "#lib/log";
import type { PythonPackages } from "#ports/python-packages";
import { openLocalExecutor } from "../../ports/executor/local.ts";
import { createLeases } from "../../ports/leases/database-leases.ts";
import { actorNamed } from "../../testing/artifacts.ts";
import { type House, openHouse } from "../../testing/house.ts";
import { createCompute } from "./compute.ts";
import type { NewJob } from "./door.ts";

const CORES = 2;
const system = { ...actorNamed("system"), kind: "system" as const };

let house: House;
let compute: ReturnType<typeof createCompute>;
let projectId: string;
let release: () => void;
let building: string[];
let folder: string;
const stopping = { now: new AbortController(), done: Promise.resolve() };

/** Environments whose build lasts until the test says so. */
function slowPackages(): PythonPackages {
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    interpreter: async () => ({ program: "/bin/sh", identity: "test", version: "3.11.7" }),
    resolve: async (requirements) => requirements.join("\n"),
    resolveAlone: async (requirements) => requirements.join("\n"),
    async build(lock, into) {
      building.push(lock);
      await released;
      mkdirSync(join(into, "bin"), { recursive: true });
      symlinkSync("/bin/sh", join(into, "bin/python"));
      return [lock];
    },
    discard: async (path) => rmSync(path, { recursive: true, force: true }),
  };
}

beforeEach(async () => {
  house = await openHouse();
  building = [];
  folder = mkdtempSync(join(tmpdir(), "atrium-queue-"));
  const { audit, identity, projects, artifacts, lineage } = house.modules;
  projectId = (await projects.resolve("default"))?.id ?? "";
  const executor = openLocalExecutor({ directory: join(folder, "attempts"), path: process.env.PATH ?? "" });
  compute = createCompute({
    ...{ db: house.db, clock: { now: Date.now }, leases: createLeases(house.db) },
    log: createLog({ format: "json", level: "error", stream: process.stderr, clock: { now: Date.now } }),
    ...{ audit, projects, artifacts, lineage, access: identity.access, jobTokens: identity.jobTokens },
    events: { announce: async () => {} },
    executor: { ...executor, capacity: { ...executor.capacity, cores: CORES } },
    packages: slowPackages(),
    environmentsDirectory: join(folder, "environments"),
    logLines: () => {},
    recordMetrics: async () => {},
    serverAddress: () => undefined,
    programs: { PATH: process.env.PATH ?? "" },
    clientVariables: () => ({}),
  });
  stopping.now = new AbortController();
  stopping.done = compute.keeping.runJobs(stopping.now.signal);
});
afterEach(async () => {
  release();
  stopping.now.abort();
  await stopping.done;
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

async function submit(script: string, more: Partial<NewJob> = {}): Promise<string> {
  const id = newId();
  const [program, flag] = more.environment === undefined ? ["sh", "-c"] : ["python", "-c"];
  await compute.jobs.submitAlone(system, {
    id,
    projectId,
    name: "test",
    command: [program, flag, script],
    ...more,
  });
  return id;
}

async function until(id: string, state: string) {
  for (;;) {
    const job = await compute.jobs.get(system, projectId, id);
    if (job.state === state) return job;
    if (["succeeded", "failed", "cancelled"].includes(job.state)) throw new Error(JSON.stringify(job));
    await sleep(10);
  }
}

test("jobs whose environments are being built hold none of the machine's cores", async () => {
  const limits = { cores: 1, memoryMiB: 64 };
  const waiting: string[] = [];
  for (const name of ["one", "two", "three"])
    waiting.push(await submit("true", { limits, environment: { requirements: [name] } }));
  for (const id of waiting) await until(id, "preparing");
  await expect.poll(() => [...building].sort(), { timeout: 20_000 }).toEqual(["one", "three", "two"]);
  expect((await compute.jobs.target(system, projectId)).coresInUse).toBe(0);
  const quick = await submit("true", { limits: { ...limits, cores: CORES } });
  await until(quick, "succeeded");
  release();
  for (const id of waiting) await until(id, "succeeded");
});

test("what was built waits for its cores like everybody else, and one that waits can be cancelled", async () => {
  const limits = { cores: CORES, memoryMiB: 64 };
  const built = await submit("true", { limits, environment: { requirements: ["one"] } });
  const other = await submit("true", { limits, environment: { requirements: ["one"] } });
  await until(other, "preparing");
  const busy = await submit("sleep 30", { limits });
  await until(busy, "running");
  release();
  await sleep(200);
  expect((await compute.jobs.get(system, projectId, built)).state).toBe("preparing");
  await compute.jobs.cancel(system, projectId, other);
  await until(other, "cancelled");
  await compute.jobs.cancel(system, projectId, busy);
  await until(built, "succeeded");
});
