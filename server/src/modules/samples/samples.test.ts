import { beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor } from "#modules/identity";
import type { Database, Tx } from "#ports/database";
import type { DomainEvent, Events } from "#ports/events";
import { openTestDatabase } from "../../testing/database.ts";
import { createSamples } from "./samples.ts";
import { done, notYet, type Outcome, type Round, type Step } from "./step.ts";

const PROJECT = "p1";
const actor: Actor = {
  ...{ kind: "service-account", id: "sample", name: "flights-sample" },
  ...{ via: { kind: "process", id: "sample" }, request: { id: "", ip: "", userAgent: "" } },
};
const access: AccessControl = {
  can: async () => true,
  require: async () => {},
  visible: async () => ({ all: true }),
  visibleProjects: async () => [PROJECT],
};

let db: Database;
let told: DomainEvent[];
let recorded: string[];
let said: string[];
let nowMs: number;

beforeEach(async () => {
  db = await openTestDatabase();
  told = [];
  recorded = [];
  said = [];
  nowMs = 1_000_000;
});

function step(name: string, round: (given: Round) => Outcome): Step {
  const leadsTo = { kind: "dataset", name } as const;
  return { name, title: `Step ${name}`, leadsTo, round: async (given) => round(given) };
}

function samplesOf(steps: readonly Step[]) {
  const events: Events = {
    announce: async (_tx: Tx, event) => {
      told.push(event);
    },
    subscribe: () => {},
    follow: async () => () => {},
    start: () => {},
    stop: async () => {},
  };
  const audit = {
    record: async (_tx: Tx, _actor: unknown, entry: { action: string }) => {
      recorded.push(entry.action);
    },
    recordAccess: async () => {},
  };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return createSamples({
    ...{ db, access, audit, events, steps, log },
    clock: { now: () => nowMs },
    place: async () => ({ projectId: PROJECT, actor }),
    inbox: async () => {},
    caller: { words: async () => "curl the endpoint" },
    say: (line) => said.push(line),
  });
}

/** As the worker does it: a round of the job, until nothing goes on at once. */
async function work(samples: ReturnType<typeof samplesOf>): Promise<void> {
  for (const { run } of samples.jobs) await run(new AbortController().signal);
}

test("a folder where it was declined stays empty until somebody asks for it", async () => {
  const samples = samplesOf([step("a", () => done("made"))]);
  await samples.plan("unwanted");
  await samples.plan("wanted");
  await work(samples);
  expect(await samples.progress(actor, PROJECT)).toMatchObject({ state: "absent", steps: [] });
  expect(await samples.start(actor, PROJECT)).toMatchObject({ state: "running" });
  expect(recorded).toEqual(["sample.started"]);
  await work(samples);
  expect(await samples.start(actor, PROJECT)).toMatchObject({ state: "done" });
});

test("another project than the first has no sample, and gets none", async () => {
  const samples = samplesOf([step("a", () => done("made"))]);
  await samples.plan("wanted");
  expect(await samples.progress(actor, "p2")).toMatchObject({ state: "absent" });
  await expect(samples.start(actor, "p2")).rejects.toMatchObject({ code: "conflict" });
});

test("steps follow one another, what goes on is not waited for, and the last word is how to ask", async () => {
  const days: string[] = [];
  const samples = samplesOf([
    step("days", ({ cursor }) => {
      days.push(cursor);
      return days.length < 4 ? notYet(`day ${days.length}`, String(days.length)) : done("4 days");
    }),
    step("last", () => done("made")),
  ]);
  await samples.plan("wanted");
  expect(await samples.greeting()).toBeUndefined();
  await work(samples);
  expect(days).toEqual(["", "1", "2", "3"]);
  expect(await samples.progress(actor, PROJECT)).toMatchObject({
    state: "done",
    steps: [{ name: "days", note: "4 days", leadsTo: { kind: "dataset" } }, { name: "last" }],
  });
  expect(said.at(-1)).toBe("curl the endpoint");
  expect(said.filter((line) => line.includes("2/2"))).toHaveLength(1);
  expect(told.every(({ kind }) => kind === "sample.advanced")).toBe(true);
  await work(samples);
  expect(days).toHaveLength(4);
});

test("after a kill a step goes on where it was, and the sample's time stays what it was", async () => {
  const seen: Pick<Round, "cursor" | "begunMs">[] = [];
  const waits = step("a", ({ cursor, begunMs }) => {
    seen.push({ cursor, begunMs });
    return cursor === "half" ? notYet("waiting") : notYet("half", "half");
  });
  const before = samplesOf([waits]);
  await before.plan("wanted");
  await work(before);
  nowMs += 5000;
  await work(samplesOf([waits]));
  expect(seen).toEqual([
    { cursor: "", begunMs: 1_000_000 },
    { cursor: "half", begunMs: 1_000_000 },
    { cursor: "half", begunMs: 1_000_000 },
  ]);
});

test("what fails is made anew three times, then waits for a person who asks again", async () => {
  const again: boolean[] = [];
  let broken = true;
  const samples = samplesOf([
    step("a", (given) => {
      again.push(given.again);
      if (broken) throw new AppError("conflict", "The disk is full.");
      return done("made");
    }),
  ]);
  await samples.plan("wanted");
  for (let i = 0; i < 5; i += 1) await work(samples);
  expect(again).toHaveLength(3);
  expect(again.slice(1)).toEqual([true, true]);
  expect(await samples.progress(actor, PROJECT)).toMatchObject({
    state: "failed",
    steps: [{ state: "failed", note: "The disk is full." }],
  });
  broken = false;
  await samples.retry(actor, PROJECT);
  expect(recorded).toEqual(["sample.retried"]);
  await work(samples);
  expect(again.at(-1)).toBe(true);
  expect(await samples.progress(actor, PROJECT)).toMatchObject({ state: "done" });
  await expect(samples.retry(actor, PROJECT)).rejects.toMatchObject({ code: "conflict" });
});
