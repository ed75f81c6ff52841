import { AppError, toAppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Ending } from "#ports/executor";
import { type BeginningDeps, createBeginning, executorIdOf } from "./beginning.ts";
import type { Environments } from "./door.ts";
import { hiddenLog } from "./hidden-log.ts";
import { type Outcome, outcomeOf } from "./job.ts";
import { type JobLogs, logPath } from "./job-logs.ts";
import { createLines, hideAll, hider } from "./log-lines.ts";
import * as queries from "./queries.ts";
import { actorFor, type JobSpec, jobSpec, labelsOf, submitter } from "./spec.ts";
import type { JobRow } from "./tables.ts";
import type { Transitions } from "./transitions.ts";
import { createUsage } from "./usage.ts";
import { outputsIn } from "./work-folder.ts";

const GRACE_MS = 10_000; // What a cancelled command gets to clean up in.
const PIECE_BYTES = 256 * 1024;
const LINES_MAX = 100_000; // Of one attempt in the log store: a line a second for a day. Its own log has all of them.
const NOTE_EVERY_MS = 5000; // After a crash so much of the log is told again.

export interface Seeing {
  how: "fresh" | "taken over";
  /** Somebody wants the job to end. */
  cancelled: AbortSignal;
  /** The server ends; the job goes on. */
  stopping: AbortSignal;
  /** Resolves when the job has its cores and memory of this machine. */
  room(signal: AbortSignal): Promise<void>;
}

export interface Attempts {
  /** Brings an attempt from its claim to its end, or up from where a killed server left it. */
  see(job: JobRow, seeing: Seeing): Promise<void>;
}

interface Context {
  job: JobRow;
  spec: JobSpec;
  actor: Actor;
  seeing: Seeing;
}

interface Begun {
  executorId: string;
  /** Not to be seen in its log; undefined when they are not known any more. */
  secrets: readonly string[] | undefined;
}

export function createAttempts(
  deps: BeginningDeps & { environments: Environments },
  { transitions, logs }: { transitions: Transitions; logs: JobLogs },
): Attempts {
  const { db, clock, log, artifacts, executor, projects, logLines } = deps;
  const beginning = createBeginning(deps, transitions);
  return { see };

  async function see(job: JobRow, seeing: Seeing): Promise<void> {
    const spec = jobSpec.parse(JSON.parse(job.spec));
    const actor = actorFor(submitter.parse(JSON.parse(job.submitter)), job);
    const context = { job, spec, actor, seeing };
    const standing = seeing.how === "fresh" ? undefined : await standingAttempt(context);
    let begun: Begun;
    try {
      begun = standing ?? (await beginning.begin(context));
    } catch (thrown) {
      if (seeing.stopping.aborted) return; // Taken up after the next start.
      await executor.remove(executorIdOf(job));
      await settle(job, outcomeOfFailure(thrown, seeing));
      return;
    }
    await toTheEnd(context, begun);
  }

  /** An attempt that was started before the server was killed. */
  async function standingAttempt(context: Context): Promise<Begun | undefined> {
    const { job } = context;
    const attempt = await queries.attemptOf(db.reader, job.id, job.attempt);
    if (attempt === undefined || attempt.executor_id === "") return undefined;
    const state = await executor.state(attempt.executor_id);
    if (state !== "running" && state !== "ended") {
      await executor.remove(attempt.executor_id);
      return undefined;
    }
    const secrets = await secretsSince(context, attempt.started_ms ?? 0);
    return { executorId: attempt.executor_id, secrets };
  }

  /** The values that it was given when it began; undefined when one of them is gone or has changed since. */
  async function secretsSince(
    { job, spec, actor }: Context,
    startedMs: number,
  ): Promise<readonly string[] | undefined> {
    const names = new Set(Object.values(spec.secrets));
    if (names.size === 0) return [];
    try {
      const known = await projects.listSecrets(actor, job.project_id);
      if (known.some(({ name, updatedMs }) => names.has(name) && updatedMs >= startedMs)) return undefined;
      return Object.values(await beginning.secretsOf(actor, job, spec));
    } catch (thrown) {
      if (isTheirs(thrown)) return undefined;
      throw thrown; // What is away for a while comes back: the job is taken up again.
    }
  }

  async function toTheEnd(context: Context, begun: Begun): Promise<void> {
    const { job, seeing, spec } = context;
    const { executorId } = begun;
    // What cannot be told from the rest any more cannot be hidden by itself: then nothing of the log is shown.
    const hide = begun.secrets === undefined ? hideAll : hider(begun.secrets);
    const key = `${job.id}/${job.attempt}`;
    logs.live(key, { executorId, hide });
    const words = await createWords(context, executorId, hide);
    const end = (): void => {
      executor.cancel(executorId, GRACE_MS).catch((thrown: unknown) => {
        log.warn("A job could not be cancelled; it is tried again.", { job: job.id, error: thrown });
      });
    };
    seeing.cancelled.addEventListener("abort", end, { once: true });
    if (seeing.cancelled.aborted) end();
    try {
      const { printed } = words;
      const measured = createUsage(deps, { job, spec });
      const ending = await executor.observe(executorId, { signal: seeing.stopping, printed, measured });
      await words.end();
      const limits = { timeoutMs: spec.timeoutMs, memoryMiB: job.memory_mib, outputMiB: spec.outputMiB };
      await keep(context, { executorId, hide, ending, outcome: outcomeOf(ending, limits) });
    } finally {
      seeing.cancelled.removeEventListener("abort", end);
      logs.live(key, undefined);
    }
    await executor.remove(executorId);
  }

  /** Stores what the attempt left, with its new state, in one transaction. */
  async function keep(
    { job, spec, actor }: Context,
    given: { executorId: string; hide: (text: string) => string; ending: Ending; outcome: Outcome },
  ): Promise<void> {
    const { executorId, hide, outcome } = given;
    const said = (await executor.output(executorId, 0, 1)).length > 0;
    const logFile = {
      path: logPath(job.id, job.attempt),
      open: () => hiddenLog(executor, executorId, hide),
    };
    const commit = (what: Outcome) => async (tx: Parameters<Transitions["ended"]>[0]) => {
      await transitions.ended(tx, job, what);
    };
    const own = said ? [logFile] : [];
    if (outcome.kind === "succeeded" && spec.outputs.length > 0) {
      try {
        const outputs = await outputsIn(executor.folder(executorId), spec.outputs);
        const files = [...own, ...outputs];
        await artifacts.putAll(actor, job.project_id, { files, commit: commit(outcome) });
        return;
      } catch (thrown) {
        if (!isTheirs(thrown)) throw thrown;
        await keepLog(job, own, {
          ...outcome,
          kind: "failed",
          reason: `What it left was not kept: ${thrown.message}`,
        });
        return;
      }
    }
    await keepLog(job, own, outcome);
  }

  /** The log is ours to keep, whatever the submitter may do by now; without room for it the state counts alone. */
  async function keepLog(
    job: JobRow,
    files: readonly { path: string; open(): ReturnType<typeof hiddenLog> }[],
    outcome: Outcome,
  ): Promise<void> {
    const system = actorFor({ kind: "system", id: "system", name: "Atrium" }, job);
    try {
      await artifacts.putAll(system, job.project_id, {
        files,
        commit: async (tx) => {
          await transitions.ended(tx, job, outcome);
        },
      });
    } catch (thrown) {
      if (!isTheirs(thrown) || files.length === 0) throw thrown;
      log.warn("The log of a job could not be kept.", { job: job.id, error: thrown });
      await settle(job, outcome);
    }
  }

  async function settle(job: JobRow, outcome: Outcome): Promise<void> {
    await db.transaction((tx) => transitions.ended(tx, job, outcome));
  }

  /** Sends what is printed to the log store, line by line, from where a former process got to. */
  async function createWords({ job, spec }: Context, executorId: string, hide: (text: string) => string) {
    const lines = createLines();
    const labels = labelsOf(job, spec);
    let at = (await queries.attemptOf(db.reader, job.id, job.attempt))?.logged_bytes ?? 0;
    let notedMs = performance.now();
    let reading = Promise.resolve();
    let room = LINES_MAX;
    const write = (all: readonly string[]): void => {
      const texts = all.slice(0, room);
      room -= texts.length;
      if (room === 0) texts.push(`More than ${LINES_MAX} lines; the rest stands in the job's own log.`);
      const atMs = clock.now();
      const line = { projectId: job.project_id, atMs, level: "info" as const, labels };
      logLines(texts.map((text) => ({ ...line, message: hide(text) })));
    };
    const read = async (): Promise<void> => {
      while (room > 0) {
        const piece = await executor.output(executorId, at, PIECE_BYTES);
        if (piece.length === 0) break;
        at += piece.length;
        write(lines.take(piece));
      }
      logs.ring();
      if (performance.now() - notedMs < NOTE_EVERY_MS) return;
      notedMs = performance.now();
      const of = { jobId: job.id, number: job.attempt };
      await db.transaction((tx) => queries.changeAttempt(tx, of, { logged_bytes: at }));
    };
    const next = (): void => {
      reading = reading.then(read).catch((thrown: unknown) => {
        log.warn("What a job prints could not be read.", { job: job.id, error: thrown });
      });
    };
    return {
      printed: next,
      async end(): Promise<void> {
        next();
        await reading;
        if (room > 0) write(lines.end());
      },
    };
  }
}

/** What went wrong before there was a process. What its submitter can mend is said in full. */
function outcomeOfFailure(thrown: unknown, { cancelled }: Seeing): Outcome {
  if (cancelled.aborted) return { kind: "cancelled", exitCode: null, reason: null };
  if (isTheirs(thrown)) return { kind: "unfit", exitCode: null, reason: thrown.message };
  if (thrown instanceof AppError && thrown.reason === "fenced") throw thrown;
  return { kind: "failed", exitCode: null, reason: toAppError(thrown).message };
}

function isTheirs(thrown: unknown): thrown is AppError {
  return (
    thrown instanceof AppError &&
    thrown.reason !== "fenced" &&
    ["invalid", "not_found", "forbidden", "exhausted", "conflict"].includes(thrown.code)
  );
}
