import type { JobState } from "@atrium/contract/compute";
import type { Updateable } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { AttemptRow, ComputeTables, JobRow } from "./tables.ts";

const db = tables<ComputeTables>();

const JOB = [
  "id",
  "project_id",
  "name",
  "origin_type",
  "origin_id",
  "state",
  "attempt",
  "failures",
  "fence",
  "machine",
  "due_ms",
  "cancel_asked_ms",
  "exit_code",
  "reason",
  "queued_ms",
  "started_ms",
  "ended_ms",
  "environment_digest",
  "cores",
  "memory_mib",
  "submitted_by",
  "submitter",
  "spec",
] as const;
const ATTEMPT = [
  "job_id",
  "number",
  "state",
  "machine",
  "token_id",
  "executor_id",
  "logged_bytes",
  "exit_code",
  "reason",
  "begun_ms",
  "started_ms",
  "ended_ms",
] as const;
const ACTIVE: JobState[] = ["preparing", "running"];
const ATTEMPTS_MAX = 100; // A job has at most sixteen: eleven that may fail and five that may be lost.

/** @returns false when there is one of this id */
export async function addJob(tx: Tx, row: JobRow): Promise<boolean> {
  const result = await db(tx)
    .insertInto("compute_jobs")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function jobById(tx: Tx, id: string): Promise<JobRow | undefined> {
  return db(tx).selectFrom("compute_jobs").select(JOB).where("id", "=", id).executeTakeFirst();
}

export async function jobToChange(tx: Tx, id: string): Promise<JobRow | undefined> {
  return forUpdate(tx, db(tx).selectFrom("compute_jobs").select(JOB).where("id", "=", id)).executeTakeFirst();
}

/** Changes a job that still belongs to this fence. @returns false when somebody took it over */
export async function changeJob(
  tx: Tx,
  { id, fence }: { id: string; fence: number },
  changes: Updateable<JobRow>,
): Promise<boolean> {
  const query = db(tx).updateTable("compute_jobs").set(changes).where("id", "=", id);
  return (await query.where("fence", "=", fence).executeTakeFirst()).numUpdatedRows > 0n;
}

/** The oldest that waits and is due, of those that a machine of this size can ever run. */
export async function nextInQueue(
  tx: Tx,
  given: { nowMs: number; cores: number; memoryMiB: number },
): Promise<JobRow | undefined> {
  const query = db(tx)
    .selectFrom("compute_jobs")
    .select(JOB)
    .where("state", "=", "queued")
    .where("due_ms", "<=", given.nowMs)
    .where("cores", "<=", given.cores)
    .where("memory_mib", "<=", given.memoryMiB);
  // What takes no cores goes first: it waits for nothing that others could have.
  const first = query
    .orderBy(({ eb }) => eb("cores", ">", 0))
    .orderBy("due_ms")
    .orderBy("id")
    .limit(1);
  return first.executeTakeFirst();
}

/** What runs; what is only prepared takes nothing yet. */
export async function roomInUse(tx: Tx, machine: string): Promise<{ cores: number; memoryMiB: number }> {
  const row = await db(tx)
    .selectFrom("compute_jobs")
    .select((select) => [
      select.fn.sum<number | string | null>("cores").as("cores"),
      select.fn.sum<number | string | null>("memory_mib").as("memory"),
    ])
    .where("state", "=", "running")
    .where("machine", "=", machine)
    .executeTakeFirstOrThrow();
  return { cores: Number(row.cores ?? 0), memoryMiB: Number(row.memory ?? 0) };
}

/** What a machine has under way: as many as it has cores, and few more. */
export async function activeOn(tx: Tx, machine: string): Promise<JobRow[]> {
  const query = db(tx).selectFrom("compute_jobs").select(JOB).where("state", "in", ACTIVE);
  return query.where("machine", "=", machine).execute();
}

/** Those of a machine that somebody wants to end. */
export async function cancelledOn(tx: Tx, machine: string): Promise<string[]> {
  const rows = await db(tx)
    .selectFrom("compute_jobs")
    .select("id")
    .where("state", "in", ACTIVE)
    .where("machine", "=", machine)
    .where("cancel_asked_ms", "is not", null)
    .execute();
  return rows.map((row) => row.id);
}

export async function countInState(tx: Tx, state: JobState, projectId?: string): Promise<number> {
  let query = db(tx)
    .selectFrom("compute_jobs")
    .select((select) => select.fn.countAll<number | string>().as("count"))
    .where("state", "=", state);
  if (projectId !== undefined) query = query.where("project_id", "=", projectId);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

/** Newest first. */
export async function jobsPage(
  tx: Tx,
  asked: {
    projectId: string;
    state: JobState | undefined;
    originType: string | undefined;
    originId: string | undefined;
    before: { queuedMs: number; id: string } | undefined;
    limit: number;
  },
): Promise<JobRow[]> {
  const { before } = asked;
  let query = db(tx).selectFrom("compute_jobs").select(JOB).where("project_id", "=", asked.projectId);
  if (asked.state !== undefined) query = query.where("state", "=", asked.state);
  if (asked.originType !== undefined) query = query.where("origin_type", "=", asked.originType);
  if (asked.originId !== undefined) query = query.where("origin_id", "=", asked.originId);
  if (before !== undefined) {
    query = query.where((where) =>
      where.or([
        where("queued_ms", "<", before.queuedMs),
        where.and([where("queued_ms", "=", before.queuedMs), where("id", "<", before.id)]),
      ]),
    );
  }
  return query.orderBy("queued_ms", "desc").orderBy("id", "desc").limit(asked.limit).execute();
}

// Attempts

export async function addAttempt(tx: Tx, row: AttemptRow): Promise<void> {
  await db(tx).insertInto("compute_attempts").values(row).execute();
}

export async function changeAttempt(
  tx: Tx,
  at: { jobId: string; number: number },
  changes: Updateable<AttemptRow>,
): Promise<void> {
  const query = db(tx).updateTable("compute_attempts").set(changes).where("job_id", "=", at.jobId);
  await query.where("number", "=", at.number).execute();
}

export async function attemptOf(tx: Tx, jobId: string, number: number): Promise<AttemptRow | undefined> {
  const query = db(tx).selectFrom("compute_attempts").select(ATTEMPT).where("job_id", "=", jobId);
  return query.where("number", "=", number).executeTakeFirst();
}

export async function attemptsOf(tx: Tx, jobId: string): Promise<AttemptRow[]> {
  const query = db(tx).selectFrom("compute_attempts").select(ATTEMPT).where("job_id", "=", jobId);
  return query.orderBy("number").limit(ATTEMPTS_MAX).execute();
}

// What purged projects have left

export async function projectsWithJobs(tx: Tx): Promise<string[]> {
  const jobs = await db(tx).selectFrom("compute_jobs").select("project_id").distinct().execute();
  const used = await db(tx).selectFrom("compute_environments").select("project_id").distinct().execute();
  return [...new Set([...jobs, ...used].map((row) => row.project_id))];
}

/** Removes some ended jobs of a project, with their attempts; answers with how many. */
export async function removeJobs(tx: Tx, projectId: string, most: number): Promise<number> {
  const some = db(tx)
    .selectFrom("compute_jobs")
    .select("id")
    .where("project_id", "=", projectId)
    .where("state", "not in", ACTIVE)
    .limit(most);
  const result = await db(tx).deleteFrom("compute_jobs").where("id", "in", some).executeTakeFirst();
  return Number(result.numDeletedRows);
}

export async function removeEnvironments(tx: Tx, projectId: string): Promise<void> {
  await db(tx).deleteFrom("compute_environments").where("project_id", "=", projectId).execute();
}

/** Wants the project's running jobs to end; they are removed in a later round. */
export async function cancelAllActive(tx: Tx, projectId: string, atMs: number): Promise<void> {
  const query = db(tx).updateTable("compute_jobs").set({ cancel_asked_ms: atMs });
  await query
    .where("project_id", "=", projectId)
    .where("state", "in", ACTIVE)
    .where("cancel_asked_ms", "is", null)
    .execute();
}
