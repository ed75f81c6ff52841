import type { SampleProgress } from "@atrium/contract/samples";
import type { Clock } from "#lib/clock";
import { AppError, toAppError } from "#lib/errors";
import type { Log } from "#lib/log";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl, Actor } from "#modules/identity";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { Caller } from "./caller.ts";
import type { Samples } from "./door.ts";
import type { Inbox } from "./inbox.ts";
import * as queries from "./queries.ts";
import type { Round, Step } from "./step.ts";
import type { StepRow } from "./tables.ts";

const ROUND_MS = 500; // What a person who watches the terminal takes for at once.
const TRIES_MAX = 3; // A full disk or a process that was killed may pass; what fails three times needs a person.
const DECLINED: StepRow = {
  position: 0,
  name: "declined",
  state: "done",
  note: "",
  cursor: "",
  tries: 0,
  started_ms: null,
  ended_ms: null,
};

export interface SamplesDeps {
  db: Database;
  clock: Clock;
  log: Log;
  access: AccessControl;
  audit: AuditTrail;
  events: Events;
  /** In the order in which they stand on each other. */
  steps: readonly Step[];
  /** The project that the sample is made in, and who makes it. */
  place(): Promise<{ projectId: string; actor: Actor } | undefined>;
  inbox: Inbox;
  caller: Caller;
  /** Tells the person at the terminal. */
  say(line: string): void;
}

export function createSamples(deps: SamplesDeps): Samples {
  const { db, clock, log, access, audit, events, steps, place, caller, say } = deps;
  let isMade = false; // What is made stays made: nobody needs to look again.

  return {
    plan,
    progress,
    start,
    greeting,
    retry,
    takeAlert: deps.inbox,
    jobs: [{ name: "samples.flights", everyMs: ROUND_MS, run }],
  };

  async function plan(wish: "wanted" | "unwanted"): Promise<void> {
    await db.transaction(async (tx) => {
      if ((await queries.steps(tx)).length === 0)
        await queries.addSteps(tx, wish === "wanted" ? waiting() : [DECLINED]);
    });
  }

  function waiting(): StepRow[] {
    return steps.map(({ name }, i) => ({ ...DECLINED, position: i + 1, name, state: "waiting" }));
  }

  async function progress(actor: Actor, projectId: string): Promise<SampleProgress> {
    await access.require(actor, "project:read", { kind: "project", projectId });
    const at = await place();
    const rows = at?.projectId === projectId ? (await queries.steps(db.reader)).filter(isStep) : [];
    return {
      state: stateOf(rows),
      projectId: at?.projectId ?? projectId,
      steps: rows.flatMap((row) => shown(row)),
    };
  }

  async function start(actor: Actor, projectId: string): Promise<SampleProgress> {
    await access.require(actor, "project:write", { kind: "project", projectId });
    const at = await place();
    if (at?.projectId !== projectId)
      throw new AppError("conflict", "The sample is made in the project that every server starts with.");
    await db.transaction(async (tx) => {
      if ((await queries.steps(tx)).some(isStep)) return;
      await queries.forgetSteps(tx);
      await queries.addSteps(tx, waiting());
      const resource = { type: "sample", id: "flights" };
      await audit.record(tx, actor, { action: "sample.started", resource, projectId });
      await announce(tx, projectId, steps[0]?.name ?? "");
    });
    return progress(actor, projectId);
  }

  async function retry(actor: Actor, projectId: string): Promise<SampleProgress> {
    await access.require(actor, "project:write", { kind: "project", projectId });
    const at = await place();
    await db.transaction(async (tx) => {
      const failed = (await queries.steps(tx)).find(({ state }) => state === "failed");
      if (failed === undefined || at?.projectId !== projectId)
        throw new AppError("conflict", "No step of the sample has failed; there is nothing to try again.");
      await queries.saveStep(tx, failed.position, { state: "waiting", tries: 0, note: "" });
      const resource = { type: "sample", id: "flights" };
      await audit.record(tx, actor, { action: "sample.retried", resource, projectId });
      await announce(tx, projectId, failed.name);
    });
    return progress(actor, projectId);
  }

  async function greeting(): Promise<string | undefined> {
    const rows = (await queries.steps(db.reader)).filter(isStep);
    if (stateOf(rows) !== "done") return undefined;
    const at = await place();
    return at === undefined ? undefined : caller.words(at);
  }

  /** Rounds of the first step that is not done, until one has to wait. */
  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !isMade) {
      const rows = (await queries.steps(db.reader)).filter(isStep);
      isMade = stateOf(rows) === "done";
      const row = rows.find(({ state }) => state !== "done");
      const step = steps.find(({ name }) => name === row?.name);
      if (row === undefined || step === undefined || row.state === "failed") return;
      const at = await place();
      const begunMs = rows[0]?.started_ms ?? clock.now();
      if (at === undefined || !(await oneRound(step, row, { ...at, begunMs }))) return;
      const words = row.position === rows.length ? await greeting() : undefined;
      if (words !== undefined) say(words);
    }
  }

  /** @returns whether there is more to do at once: the step is done, or went on */
  async function oneRound(step: Step, row: StepRow, at: Omit<Round, "cursor" | "again">): Promise<boolean> {
    // The first step begins when the sample does.
    const startedMs = row.started_ms ?? (row.position === 1 ? at.begunMs : clock.now());
    if (row.started_ms === null) {
      await save(row, at.projectId, { started_ms: startedMs });
      say(`  ${row.position}/${steps.length} ${step.title} …`);
    }
    try {
      const outcome = await step.round({ ...at, cursor: row.cursor, again: row.state === "waiting" });
      if (!outcome.done) {
        const cursor = outcome.cursor ?? row.cursor;
        if (outcome.note !== row.note || cursor !== row.cursor || row.state === "waiting")
          await save(row, at.projectId, { state: "running", note: outcome.note, cursor });
        return cursor !== row.cursor;
      }
      const endedMs = clock.now();
      await save(row, at.projectId, { state: "done", note: outcome.note, ended_ms: endedMs });
      const seconds = ((endedMs - startedMs) / 1000).toFixed(1);
      say(`      ${outcome.note} (${seconds} s)`);
      return true;
    } catch (thrown) {
      const { message } = toAppError(thrown);
      const tries = row.tries + 1;
      log.warn("A step of the sample failed.", { step: step.name, tries, error: thrown });
      const state = tries >= TRIES_MAX ? "failed" : "waiting";
      await save(row, at.projectId, { state, note: message, tries });
      if (state === "failed") say(`      failed: ${message}`);
      return false;
    }
  }

  async function save(
    row: StepRow,
    projectId: string,
    changes: Partial<Omit<StepRow, "position" | "name">>,
  ): Promise<void> {
    await db.transaction(async (tx) => {
      await queries.saveStep(tx, row.position, changes);
      await announce(tx, projectId, row.name);
    });
  }

  async function announce(tx: Parameters<Events["announce"]>[0], projectId: string, step: string) {
    await events.announce(tx, { kind: "sample.advanced", projectId, key: "flights", body: { step } });
  }

  /** A step that this version of the program no longer has is not shown, and not waited for. */
  function shown(row: StepRow): SampleProgress["steps"] {
    const step = steps.find(({ name }) => name === row.name);
    if (step === undefined) return [];
    return [
      {
        ...{ name: step.name, title: step.title, leadsTo: step.leadsTo, state: row.state, note: row.note },
        ...(row.started_ms === null ? {} : { startedMs: row.started_ms }),
        ...(row.ended_ms === null ? {} : { endedMs: row.ended_ms }),
      },
    ];
  }
}

function isStep(row: StepRow): boolean {
  return row.position > 0;
}

function stateOf(rows: readonly StepRow[]): SampleProgress["state"] {
  if (rows.length === 0) return "absent";
  if (rows.some(({ state }) => state === "failed")) return "failed";
  return rows.every(({ state }) => state === "done") ? "done" : "running";
}
