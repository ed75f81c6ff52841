import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ComputeDeps } from "./deps.ts";
import { after, attemptState, isFinal, type Outcome } from "./job.ts";
import * as queries from "./queries.ts";
import { actorFor, jobSpec, submitter } from "./spec.ts";
import type { JobRow } from "./tables.ts";

/** Every change of a job's state, each with its record and its news in the caller's transaction. */
export function createTransitions({
  clock,
  audit,
  events,
  jobTokens,
}: Pick<ComputeDeps, "clock" | "audit" | "events" | "jobTokens">) {
  return { queued, claimed, started, ended, cancelAsked, takenOver };

  async function queued(tx: Tx, actor: Actor, job: JobRow): Promise<void> {
    await announce(tx, job, "queued");
    await record(tx, actor, {
      job,
      what: "submitted",
      details: { command: jobSpec.parse(JSON.parse(job.spec)).command[0] },
    });
  }

  /** The next attempt, by this machine. */
  async function claimed(tx: Tx, job: JobRow, machine: string): Promise<JobRow> {
    const mine: JobRow = {
      ...job,
      state: "preparing",
      attempt: job.attempt + 1,
      fence: job.fence + 1,
      machine,
      exit_code: null,
      reason: null,
    };
    const { state, attempt, fence, exit_code, reason } = mine;
    await holding(tx, job, { state, attempt, fence, machine, exit_code, reason });
    await queries.addAttempt(tx, {
      job_id: job.id,
      number: attempt,
      state,
      machine,
      token_id: null,
      executor_id: "",
      logged_bytes: 0,
      exit_code,
      reason,
      begun_ms: clock.now(),
      started_ms: null,
      ended_ms: null,
    });
    return mine;
  }

  /** After a restart: the same attempt, with a fence that refuses what its former holder may still write. */
  async function takenOver(tx: Tx, job: JobRow): Promise<JobRow> {
    const mine = { ...job, fence: job.fence + 1 };
    await holding(tx, job, { fence: mine.fence });
    return mine;
  }

  /** Just before its processes begin. @returns the token they act by; undefined when it has none */
  async function started(
    tx: Tx,
    job: JobRow,
    given: { executorId: string; environmentDigest: string | null; expiresMs: number },
  ): Promise<string | undefined> {
    const nowMs = clock.now();
    const standing = await queries.jobToChange(tx, job.id);
    if (standing?.cancel_asked_ms !== null) throw new AppError("conflict", "The job was cancelled.");
    await holding(tx, job, {
      state: "running",
      started_ms: standing.started_ms ?? nowMs,
      environment_digest: given.environmentDigest,
    });
    const who = submitter.parse(JSON.parse(job.submitter));
    const by = actorFor(who, job);
    await jobTokens.revoke(tx, job.id, by); // One that a former try of this attempt was given.
    const { expiresMs } = given;
    const token = await jobTokens.make(tx, by, { jobId: job.id, projectId: job.project_id, expiresMs, by });
    await queries.changeAttempt(
      tx,
      { jobId: job.id, number: job.attempt },
      {
        state: "running",
        started_ms: nowMs,
        token_id: token?.id ?? null,
        executor_id: given.executorId,
      },
    );
    await announce(tx, { ...job, state: "running" }, "started");
    await record(tx, by, { job, what: "started", details: { attempt: job.attempt } });
    return token?.secret;
  }

  /** What became of the attempt, and so of the job: it ended, or waits for another attempt. */
  async function ended(tx: Tx, job: JobRow, outcome: Outcome): Promise<JobRow> {
    const nowMs = clock.now();
    const standing = (await queries.jobToChange(tx, job.id)) ?? job;
    const { retries } = jobSpec.parse(JSON.parse(job.spec));
    const changes = after(standing, outcome, { retries, nowMs });
    const machine = changes.state === "queued" ? "" : standing.machine;
    await holding(tx, job, { ...changes, machine });
    if (job.attempt > 0) {
      const { exitCode, reason } = outcome;
      const of = { jobId: job.id, number: job.attempt };
      const facts = { exit_code: exitCode, reason, ended_ms: nowMs };
      await queries.changeAttempt(tx, of, { state: attemptState(outcome), ...facts });
    }
    const by = actorFor(submitter.parse(JSON.parse(job.submitter)), job);
    await jobTokens.revoke(tx, job.id, by);
    const now = { ...standing, ...changes, machine };
    if (isFinal(now.state)) {
      await announce(tx, now, "finished");
      await record(tx, by, {
        job: now,
        what: "finished",
        details: { state: now.state, exitCode: outcome.exitCode },
      });
    } else {
      await announce(tx, now, "queued");
      await record(tx, by, {
        job: now,
        what: "requeued",
        details: { attempt: job.attempt, exitCode: outcome.exitCode },
      });
    }
    return now;
  }

  async function cancelAsked(tx: Tx, actor: Actor, job: JobRow): Promise<void> {
    await holding(tx, job, { cancel_asked_ms: clock.now() });
    await record(tx, actor, { job, what: "cancel-asked", details: {} });
  }

  /** @throws AppError `conflict`, reason `fenced`, when somebody has taken the job over */
  async function holding(tx: Tx, job: JobRow, changes: Parameters<typeof queries.changeJob>[2]) {
    if (await queries.changeJob(tx, job, changes)) return;
    throw new AppError("conflict", `Another process has taken over job ${job.id}; nothing was written.`, {
      reason: "fenced",
    });
  }

  async function announce(tx: Tx, job: JobRow, what: "queued" | "started" | "finished"): Promise<void> {
    const { id: jobId, state, origin_type: originType, origin_id: originId } = job;
    const body = { jobId, state, originType, originId };
    await events.announce(tx, { kind: `job.${what}`, projectId: job.project_id, key: jobId, body });
  }

  async function record(
    tx: Tx,
    actor: Actor,
    { job, what, details }: { job: JobRow; what: string; details: Record<string, unknown> },
  ): Promise<void> {
    await audit.record(tx, actor, {
      action: `job.${what}`,
      resource: { type: "job", id: job.id, name: job.name },
      projectId: job.project_id,
      details,
    });
  }
}

export type Transitions = ReturnType<typeof createTransitions>;
