import { AppError, toAppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { PipelinesDeps } from "./deps.ts";
import { fingerprintOf } from "./engine/fingerprint.ts";
import type { Node, Values } from "./engine/state.ts";
import type { News, OpenRun, RunLog } from "./run-log.ts";
import * as queries from "./run-queries.ts";
import { stepJob } from "./step-job.ts";
import type { CommandRow, RunRow } from "./tables.ts";

const BATCH = 16; // Commands under way at once: what they wait for is mostly the database.
const IDLE_MS = 1000; // How late commands of another process are seen; our own wake us.
const AGAIN_MS = 1000; // The first pause when what a command needs is away; each further one is twice as long.
const AGAIN_MS_MAX = 60_000;

/** What carries out commands: it holds nothing, so that it may die anywhere and another one goes on. */
export interface CommandRunner {
  /** Carries out what is due, and what becomes due, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Carries out what is due now; answers with how many commands that were. */
  round(): Promise<number>;
}

export function createCommandRunner(deps: PipelinesDeps, runs: RunLog): CommandRunner {
  const { db, clock, log, jobs, artifacts } = deps;
  let wake: () => void = () => {};
  let isWoken = false;
  runs.onCommands(() => {
    isWoken = true;
    wake();
  });
  return { run, round };

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      isWoken = false;
      const done = await round();
      if (done === 0 && !isWoken) await pause(await untilNext(), signal);
    }
  }

  async function round(): Promise<number> {
    const due = await queries.dueCommands(db.reader, clock.now(), BATCH);
    await Promise.all(due.map(attempt));
    return due.length;
  }

  async function untilNext(): Promise<number> {
    const nowMs = clock.now();
    const next = await queries.nextDueMs(db.reader, nowMs);
    return Math.min(IDLE_MS, next === undefined ? IDLE_MS : Math.max(1, next - nowMs));
  }

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
      wake = done;
      if (isWoken || signal.aborted) done();
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        wake = () => {};
        resolve();
      }
    });
  }

  /** What is not there for the moment is asked for again; what can never be ends the step with the reason. */
  async function attempt(command: CommandRow): Promise<void> {
    try {
      await carryOut(command);
    } catch (thrown) {
      const error = toAppError(thrown);
      const isLasting = !["internal", "unavailable", "exhausted"].includes(error.code);
      if (!isLasting)
        log.warn("A command of a pipeline run has to wait.", { command: command.id, error: thrown });
      await (isLasting ? giveUp(command, error) : postpone(command)).catch((cause) => {
        log.error("A command of a pipeline run could not be put off.", { command: command.id, error: cause });
      });
    }
  }

  async function carryOut(command: CommandRow): Promise<void> {
    const run = await runs.open(db.reader, command.run_id);
    if (run === undefined) return;
    if (command.kind === "wait") return settle(command, { kind: "waited", ...stepOf(command) });
    if (command.kind === "cancel") return cancel(command, run);
    const node = run.state.nodes.get(command.path);
    if (node?.state !== "commanded" || node.attempt !== command.attempt) return settle(command, undefined);
    const known = await fromCache(run, node);
    if (known !== undefined) return settle(command, { kind: "cached", ...stepOf(command), ...known });
    await submit(command, run, node);
  }

  /** The command's own id names the job: whoever carries it out once more submits the same one. */
  async function submit(command: CommandRow, run: OpenRun, node: Node): Promise<void> {
    const actor = actorOf(run.row);
    const job = stepJob(run, node, { jobId: command.id, ...deps });
    await jobs.checkSubmit(actor, job);
    await db.transaction(async (tx) => {
      const recorded = await take(tx, command, { kind: "submitted", ...stepOf(command), jobId: job.id });
      if (recorded) await jobs.submit(tx, actor, job);
    });
  }

  async function cancel(command: CommandRow, { row }: OpenRun): Promise<void> {
    const news = { ...stepOf(command), jobId: command.job_id };
    try {
      await jobs.cancel(actorOf(row), row.project_id, command.job_id);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "not_found") throw thrown;
      return settle(command, { kind: "stopped", ...news });
    }
    await settle(command, undefined);
  }

  async function fromCache(
    { row, state }: OpenRun,
    node: Node,
  ): Promise<{ outputs: Values; from: { runId: string; path: string } } | undefined> {
    const fingerprint = fingerprintOf(state, node);
    if (fingerprint === undefined) return undefined;
    const { project_id: projectId, pipeline_name: pipelineName } = row;
    const found = await queries.cached(db.reader, { projectId, pipelineName, fingerprint });
    if (found === undefined) return undefined;
    const outputs = JSON.parse(found.outputs) as Values;
    if (await stillThere(row, outputs)) return { outputs, from: { runId: found.run_id, path: found.path } };
    await db.transaction((tx) => queries.forgetOutputs(tx, { projectId, pipelineName, fingerprint }));
    return undefined;
  }

  /** Files may have been deleted since; one missing file makes the whole entry worthless. */
  async function stillThere(row: RunRow, { artifacts: named }: Values): Promise<boolean> {
    for (const { path } of Object.values(named).flat()) {
      if (path === undefined) continue;
      const at = { projectId: row.project_id, path };
      const { items } = await artifacts.list(actorOf(row), at, { pageSize: 1 });
      if (items.length === 0 && !(await isFile(row, path))) return false;
    }
    return true;
  }

  async function isFile(row: RunRow, path: string): Promise<boolean> {
    try {
      await artifacts.stat(actorOf(row), { projectId: row.project_id, path });
      return true;
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "not_found") return false;
      throw thrown;
    }
  }

  /** Writes down what came of a command, and takes it from the list, or only takes it. */
  async function settle(command: CommandRow, news: News | undefined): Promise<void> {
    await db.transaction(async (tx) => {
      await take(tx, command, news);
    });
  }

  /** True when the command was still there and its news changed the run. */
  async function take(tx: Tx, command: CommandRow, news: News | undefined): Promise<boolean> {
    if (!(await queries.takeCommand(tx, command.id)) || news === undefined) return false;
    return (await runs.record(tx, command.run_id, news))?.changed === true;
  }

  async function giveUp(command: CommandRow, { message }: AppError): Promise<void> {
    const news = { kind: "failed", ...stepOf(command), reason: message, again: "final" } as const;
    await settle(command, command.kind === "start" ? news : undefined);
  }

  async function postpone(command: CommandRow): Promise<void> {
    const tries = command.tries + 1;
    const pauseMs = Math.min(AGAIN_MS * 2 ** (tries - 1), AGAIN_MS_MAX);
    await db.transaction((tx) =>
      queries.postponeCommand(tx, command.id, { dueMs: clock.now() + pauseMs, tries }),
    );
  }
}

function stepOf({ path, attempt }: CommandRow): { path: string; attempt: number } {
  return { path, attempt };
}

/** Who started the run, with the scopes they did it with. */
export function actorOf({ actor }: Pick<RunRow, "actor">): Actor {
  return JSON.parse(actor) as Actor;
}
