import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pipelinesJobs } from "./jobs.ts";
import type { Json } from "./plan.ts";
import { ada, CONTROL_FLOW, eve, type House, openPipelines } from "./testing.ts";

let house: House;
beforeEach(async () => {
  house = await openPipelines();
});
afterEach(() => house.close());

const work = (inputs: Record<string, unknown>, name: string): unknown => {
  if (name === "items") return Array.from({ length: Number(inputs.n) }, (_, i) => i);
  if (name === "make") return String(inputs.x);
  if (name === "gather") return (inputs.names as unknown[]).length;
  return Number(inputs.a ?? 0) + Number(inputs.b ?? 0);
};

type Process = ReturnType<House["start"]>;

/** Carries out commands and does jobs until nothing is left to do. */
async function play(process: Process, doing = work): Promise<void> {
  for (;;) {
    const carried = await process.commands.round();
    const open = [...house.jobs.keys()];
    for (const id of open) await house.finish(id, doing);
    if (carried === 0 && open.length === 0) return;
  }
}

const start = (process: Process, parameters: Record<string, Json> = {}) =>
  process.runs.start(ada, "p1", { name: "a run", spec: CONTROL_FLOW, parameters });

describe("a run", () => {
  test("goes from its start to its end, and all that happened is written down", async () => {
    const process = house.start();
    const run = await start(process);
    expect(run).toMatchObject({ state: "running", parameters: { a: 3, message: "hi" }, startedBy: "Ada" });
    await play(process);
    const ended = await process.runs.get(ada, "p1", run.id);
    expect(ended).toMatchObject({ state: "succeeded", steps: { succeeded: 11 } });
    const steps = await process.runs.steps(ada, "p1", run.id);
    const gather = steps.find(({ path }) => path === "exit-handler-1/gather");
    expect(gather?.outputs?.parameters).toEqual({ Output: 3 });
    expect(gather?.inputs?.artifacts.files).toHaveLength(3);
    const { items } = await process.runs.events(ada, "p1", run.id, { pageSize: 200 });
    expect(items[0]).toMatchObject({ sequence: 1, kind: "started" });
    expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, i) => i + 1));
    expect(house.told.filter((one) => one.startsWith("event pipeline-run"))).toEqual([
      "event pipeline-run.started",
      "event pipeline-run.finished",
    ]);
    expect(house.told).toContain("pipeline-run.started");
    expect(new Set(house.edges)).toEqual(
      new Set([
        "pipeline-run produced pipeline-step",
        "pipeline-step produced artifact",
        "pipeline-step consumed artifact",
        "pipeline-step derived job",
      ]),
    );
  });

  test("hands a step its files, its inputs by place and its own variables", async () => {
    const process = house.start();
    await start(process);
    const seen: Record<string, unknown>[] = [];
    await play(process, (inputs, name) => {
      if (name === "gather" || name === "use")
        seen.push(
          ...[...house.jobs.values()]
            .filter(({ job }) => job.command.at(-1) === name)
            .map(({ job }) => ({ ...job })),
        );
      return work(inputs, name);
    });
    const gather = seen.find(({ command }) => (command as string[]).at(-1) === "gather");
    expect(gather).toMatchObject({
      command: ["python", "step.py", "gather"],
      environment: { requirements: [], alone: ["kfp==2.17.0"] },
      inputs: [0, 1, 2].map((i) => ({
        artifactPath: expect.stringMatching(`^pipelines/[a-z0-9]+/exit-handler-1/for-loop-2/${i}/make/out$`),
        to: `inputs/${i}/out`,
      })),
    });
    const use = seen.find(({ command }) => (command as string[]).at(-1) === "use");
    expect(use).toMatchObject({ variables: { A: "b" }, limits: { cores: 1, memoryMiB: 489 }, inputs: [] });
  });

  test("takes outputs of an earlier one, unless a file of them is gone or it may not", async () => {
    const process = house.start();
    await play(process, work).then(() => start(process));
    await play(process);
    const second = await start(process);
    await play(process);
    const states = async (id: string) => (await process.runs.get(ada, "p1", id)).steps;
    // One may not be cached, and the exit task reads the run's own end.
    expect(await states(second.id)).toEqual({ cached: 9, succeeded: 2 });
    for (const path of [...house.files.keys()]) if (path.endsWith("/out")) house.files.delete(path);
    const third = await start(process);
    await play(process);
    expect(await states(third.id)).toEqual({ cached: 6, succeeded: 5 });
    const off = await process.runs.start(ada, "p1", { spec: CONTROL_FLOW, cache: "off" });
    await play(process);
    expect(await states(off.id)).toEqual({ succeeded: 11 });
  });

  test("that is cancelled ends its jobs; one that has ended cannot be cancelled", async () => {
    const process = house.start();
    const run = await start(process, { a: 5 });
    await process.commands.round();
    await process.runs.cancel(ada, "p1", run.id);
    await play(process);
    expect(await process.runs.get(ada, "p1", run.id)).toMatchObject({
      state: "cancelled",
      reason: "Ada cancelled the run.",
    });
    await expect(process.runs.cancel(ada, "p1", run.id)).rejects.toThrow(/nothing to cancel/);
    await expect(process.runs.delete(ada, "p1", run.id)).resolves.toBeUndefined();
    await expect(process.runs.get(ada, "p1", run.id)).rejects.toThrow(/no pipeline run/);
  });

  test("that failed is retried where it failed", async () => {
    const process = house.start();
    const run = await start(process);
    await play(process, (inputs, name) => {
      if (name === "use") throw new Error("out of luck");
      return work(inputs, name);
    });
    const failed = await process.runs.get(ada, "p1", run.id);
    expect(failed).toMatchObject({ state: "failed", steps: { failed: 1 } });
    expect(failed.reason).toMatch(/use.*out of luck/);
    await process.runs.retry(ada, "p1", run.id);
    let done = 0;
    await play(process, (inputs, name) => {
      done += 1;
      return work(inputs, name);
    });
    expect(await process.runs.get(ada, "p1", run.id)).toMatchObject({ state: "succeeded", retries: 1 });
    expect(done).toBe(2); // The step, and the exit task, which hears of the new end.
    await expect(process.runs.retry(ada, "p1", run.id)).rejects.toThrow(/succeeded; start a new run/);
  });

  test("whose step wrote no outputs, or such that are not of their types, says so", async () => {
    const process = house.start();
    const run = await start(process);
    await play(process, (inputs, name) => (name === "items" ? "not a list" : work(inputs, name)));
    const steps = await process.runs.steps(ada, "p1", run.id);
    const items = steps.find(({ path }) => path === "exit-handler-1/items");
    expect(items).toMatchObject({ state: "failed", reason: expect.stringMatching(/Output is a list/) });
  });

  test("waits between tries by the clock", async () => {
    const process = house.start();
    const run = await start(process);
    const failing = (inputs: Record<string, unknown>, name: string) => {
      if (name === "add" && inputs.b === 10) throw new Error("again");
      return work(inputs, name);
    };
    await play(process, failing);
    const step = async () =>
      (await process.runs.steps(ada, "p1", run.id)).find(
        ({ path }) => path === "exit-handler-1/for-loop-4/0/add",
      );
    expect(await step()).toMatchObject({ state: "waiting", attempt: 1 });
    house.time.nowMs += 999;
    await play(process, failing);
    expect(await step()).toMatchObject({ state: "waiting", attempt: 1 });
    house.time.nowMs += 1;
    await play(process);
    expect(await step()).toMatchObject({ state: "succeeded", attempt: 2 });
  });

  test("refuses parameters that it does not have, lacks, or that are of another type", async () => {
    const process = house.start();
    await expect(start(process, { b: 1 })).rejects.toThrow(/no parameter b/);
    await expect(start(process, { a: "x" })).rejects.toThrow(/a is a whole number/);
    await expect(process.runs.start(ada, "p1", { spec: "{}" })).rejects.toThrow(/at pipelineInfo/);
    await expect(process.runs.start(ada, "p1", {})).rejects.toThrow(/one of both/);
    await expect(process.runs.start(ada, "p1", { spec: CONTROL_FLOW, experimentId: "7" })).rejects.toThrow(
      /no such experiment/,
    );
  });

  test("is nobody's who may not see it, nor another project's", async () => {
    const process = house.start();
    const run = await start(process);
    await expect(process.runs.get(eve, "p1", run.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(process.runs.get(ada, "p2", run.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(process.runs.cancel(ada, "p2", run.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await process.runs.search(ada, "p2", { pageSize: 10 })).items).toEqual([]);
  });
});

/** A small generator of numbers that is the same in each run. */
function seeded(seed: number): (below: number) => number {
  let at = seed;
  return (below) => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((at / 2 ** 32) * below);
  };
}

test("however often processes die and answers are lost, a run ends right and no step runs twice at once", async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const random = seeded(seed);
    const parameters = { a: 1 + random(4), message: `seed ${seed}` };
    const first = house.start();
    const run = await first.runs.start(ada, "p1", { spec: CONTROL_FLOW, parameters, cache: "off" });
    house.faults.next = () => (["before", "after"] as const)[random(8)] ?? "none";
    let processes = [first, house.start()];
    const isDone = async () => (await processes[0]?.runs.get(ada, "p1", run.id))?.state !== "running";
    for (let turns = 0; !(await isDone()); turns += 1) {
      expect(turns).toBeLessThan(2000);
      await Promise.all(processes.map((process) => process.commands.round()));
      const steps = [...house.jobs.values()].map(({ job }) => job.labels?.pipeline_step);
      expect(new Set(steps).size).toBe(steps.length);
      const open = [...house.jobs.keys()];
      const next = open[random(open.length)];
      if (next !== undefined) await house.finish(next, work);
      if (random(3) === 0) processes = [house.start(), house.start()];
      house.time.nowMs += 10_000;
    }
    house.faults.next = () => "none";
    const ended = await house.start().runs.get(ada, "p1", run.id);
    expect(ended).toMatchObject({ state: "succeeded", steps: { succeeded: parameters.a + 8 } });
    expect(ended.steps).not.toHaveProperty("failed");
    expect(house.jobs.size).toBe(0);
  }
}, 60_000);

describe("a definition", () => {
  test("is uploaded, has versions, is found by name, and is deleted while its runs stay", async () => {
    const process = house.start();
    const { definitions, runs } = process;
    const { pipeline, version } = await definitions.upload(ada, "p1", {
      pipeline: { description: "steers" },
      version: { spec: CONTROL_FLOW },
    });
    expect(pipeline).toMatchObject({ name: "control-flow", versions: 1, description: "steers" });
    expect(version.parameters).toEqual([
      { name: "a", kind: "integer", description: "", required: false, default: 3 },
      { name: "message", kind: "text", description: "", required: false, default: "hi" },
    ]);
    await expect(
      definitions.upload(ada, "p1", { pipeline: {}, version: { spec: CONTROL_FLOW } }),
    ).rejects.toMatchObject({ code: "conflict", reason: "already_exists" });
    house.time.nowMs += 1;
    const second = await definitions.addVersion(ada, "p1", pipeline.id, { name: "two", spec: CONTROL_FLOW });
    const versions = await definitions.versions(ada, "p1", { pipelineId: "control-flow", pageSize: 1 });
    expect(versions.items.map(({ name }) => name)).toEqual(["two"]);
    const rest = await definitions.versions(ada, "p1", {
      pipelineId: "control-flow",
      pageSize: 1,
      pageToken: versions.nextToken,
    });
    expect(rest.items.map(({ id }) => id)).toEqual([version.id]);
    const run = await runs.start(ada, "p1", { pipeline: "control-flow" });
    expect(run).toMatchObject({ pipelineId: pipeline.id, versionId: second.id });
    await play(process);
    await definitions.delete(ada, "p1", pipeline.id);
    await expect(definitions.get(ada, "p1", pipeline.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await runs.get(ada, "p1", run.id)).state).toBe("succeeded");
    expect(await runs.spec(ada, "p1", run.id)).toBe(CONTROL_FLOW);
    await runs.delete(ada, "p1", run.id);
  });

  test("of a purged project goes with its runs", async () => {
    const process = house.start();
    await process.definitions.upload(ada, "p1", { pipeline: {}, version: { spec: CONTROL_FLOW } });
    const run = await start(process);
    await play(process);
    const purge = (ids: string[]) =>
      pipelinesJobs({ db: house.db, commands: process.commands, projectIds: async () => ids })
        .find(({ name }) => name === "pipelines-purge")
        ?.run(new AbortController().signal);
    await purge(["p1"]);
    expect((await process.runs.get(ada, "p1", run.id)).state).toBe("succeeded");
    await purge([]);
    await expect(process.runs.get(ada, "p1", run.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await process.definitions.search(ada, "p1", { pageSize: 10 })).items).toEqual([]);
  });

  test("is found by a part of its name, in pages that belong to one question", async () => {
    const { definitions } = house.start();
    for (const name of ["alpha", "Beta", "be_ta"]) {
      house.time.nowMs += 1;
      await definitions.create(ada, "p1", { name, tags: { team: name } });
    }
    const names = async (asked: object) =>
      (await definitions.search(ada, "p1", { pageSize: 10, ...asked })).items.map(({ name }) => name);
    expect(await names({})).toEqual(["be_ta", "Beta", "alpha"]);
    expect(await names({ text: "BE" })).toEqual(["be_ta", "Beta"]);
    expect(await names({ text: "_" })).toEqual(["be_ta"]);
    expect(await names({ tags: { team: "alpha" } })).toEqual(["alpha"]);
    const page = await definitions.search(ada, "p1", { pageSize: 1 });
    await expect(
      definitions.search(ada, "p1", { pageSize: 1, text: "a", pageToken: page.nextToken }),
    ).rejects.toThrow(/another question/);
  });
});
