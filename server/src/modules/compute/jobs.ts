import { AppError } from "#lib/errors";
import { decodePageTokenFor, encodePageTokenFor } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { Bell } from "./bell.ts";
import type { ComputeDeps } from "./deps.ts";
import type { Jobs, NewJob } from "./door.ts";
import { isFinal, toAttempt, toJob, toStatus } from "./job.ts";
import type { JobLogs } from "./job-logs.ts";
import * as queries from "./queries.ts";
import { readRequirements } from "./requirements.ts";
import { checkShape, jobSpec, roomOf, specOf, submitterOf } from "./spec.ts";
import type { JobRow } from "./tables.ts";
import type { Transitions } from "./transitions.ts";

const QUEUED_MAX = 10_000; // Of one project: more than a day's work of any machine, and what a loop gone wild would add.
const PAGE_KINDS = ["whole", "text"] as const;

/** Jobs as others see them; the runner does them. */
export function createJobs(
  deps: ComputeDeps,
  { transitions, bell, logs }: { transitions: Transitions; bell: Bell; logs: JobLogs },
): Jobs {
  const { db, clock, access, executor, jobTokens, lineage, projects } = deps;
  return { checkSubmit, submit, submitAlone, cancel, get, find, details, list, log, target, isOwn };

  async function checkSubmit(...[actor, job]: Parameters<Jobs["checkSubmit"]>): Promise<void> {
    const place = { kind: "project", projectId: job.projectId } as const;
    await access.require(actor, "job:write", place);
    checkShape(job);
    for (const { requirements, alone = [] } of [
      job.environment ?? [],
      Object.values(job.besides ?? {}),
    ].flat())
      readRequirements([...requirements, ...alone]);
    const room = roomOf(job, executor.capacity);
    const { cores, memoryMiB } = executor.capacity;
    if (room.cores > cores || room.memoryMiB > memoryMiB) {
      throw new AppError(
        "invalid",
        `The job asks for ${room.cores} cores and ${room.memoryMiB} MiB; this machine has ${cores} and ${memoryMiB}.`,
        { at: "limits" },
      );
    }
    const secrets = new Set(Object.values(job.secrets ?? {}));
    if (secrets.size > 0) {
      const known = new Set((await projects.listSecrets(actor, job.projectId)).map(({ name }) => name));
      const absent = [...secrets].find((name) => !known.has(name));
      if (absent !== undefined) {
        throw new AppError("not_found", `The project has no secret ${absent}.`, { at: "secrets" });
      }
    }
    if ((await queries.countInState(db.reader, "queued", job.projectId)) >= QUEUED_MAX) {
      throw new AppError(
        "exhausted",
        `${QUEUED_MAX} jobs of this project wait already; let some end first.`,
        {
          retryAfterSeconds: 60,
        },
      );
    }
  }

  async function submit(...[tx, actor, job]: Parameters<Jobs["submit"]>): Promise<void> {
    checkShape(job);
    const nowMs = clock.now();
    const room = roomOf(job, executor.capacity);
    const row: JobRow = {
      id: job.id,
      project_id: job.projectId,
      name: job.name,
      origin_type: job.origin?.type ?? "",
      origin_id: job.origin?.id ?? "",
      state: "queued",
      attempt: 0,
      failures: 0,
      fence: 0,
      machine: "",
      due_ms: nowMs,
      cancel_asked_ms: null,
      exit_code: null,
      reason: null,
      queued_ms: nowMs,
      started_ms: null,
      ended_ms: null,
      environment_digest: null,
      cores: room.cores,
      memory_mib: room.memoryMiB,
      submitted_by: actor.name,
      submitter: JSON.stringify(submitterOf(actor, jobTokens.scopesOf(actor.scopes))),
      spec: JSON.stringify(specOf(job)),
    };
    if (!(await queries.addJob(tx, row))) {
      const standing = await queries.jobById(tx, job.id);
      if (standing?.project_id === job.projectId) return;
      throw new AppError("conflict", `The id ${job.id} is taken; choose another.`, { at: "id" });
    }
    await drawSource(tx, job);
    await transitions.queued(tx, actor, row);
    tx.afterCommit(bell.ring);
  }

  /** A job leads back to the commit that it was sent from, and to what was changed since. */
  async function drawSource(tx: Tx, { id, projectId, source }: NewJob): Promise<void> {
    const things = [
      ...(source?.commit === undefined ? [] : [{ type: "commit", id: source.commit }]),
      ...(source?.diffPath === undefined ? [] : [{ type: "artifact", id: source.diffPath }]),
    ];
    for (const to of things)
      await lineage.link(tx, { projectId, from: { type: "job", id }, relation: "consumed", to });
  }

  async function submitAlone(...[actor, job]: Parameters<Jobs["submitAlone"]>): Promise<void> {
    await checkSubmit(actor, job);
    await db.transaction((tx) => submit(tx, actor, job));
  }

  async function cancel(actor: Actor, projectId: string, id: string): Promise<void> {
    await access.require(actor, "job:write", { kind: "project", projectId });
    await db.transaction(async (tx) => {
      const job = await queries.jobToChange(tx, id);
      if (job?.project_id !== projectId) throw missing(id);
      if (isFinal(job.state) || job.cancel_asked_ms !== null) return;
      await transitions.cancelAsked(tx, actor, job);
      if (job.state === "queued") {
        // It has no process yet: nobody needs to be waited for.
        await transitions.ended(
          tx,
          { ...job, attempt: 0 },
          { kind: "cancelled", exitCode: null, reason: null },
        );
      }
      tx.afterCommit(bell.ring);
    });
  }

  async function get(actor: Actor, projectId: string, id: string) {
    return toStatus(await readable(actor, projectId, id));
  }

  async function find(tx: Tx, projectId: string, id: string) {
    const row = await queries.jobById(tx, id);
    return row?.project_id === projectId ? toStatus(row) : undefined;
  }

  async function details(actor: Actor, projectId: string, id: string) {
    const row = await readable(actor, projectId, id);
    const spec = jobSpec.parse(JSON.parse(row.spec));
    const { inputs, outputs, secrets, labels, timeoutMs, outputMiB, retries, source } = spec;
    return {
      ...toJob(row, spec.command),
      ...{ inputs, outputs, secrets, labels, timeoutMs, outputMiB, retries, source },
      requirements: spec.requirements ?? [],
      variables: Object.keys(spec.variables).sort(),
      attempts: (await queries.attemptsOf(db.reader, id)).map(toAttempt),
    };
  }

  async function list(...[actor, projectId, asked]: Parameters<Jobs["list"]>) {
    await access.require(actor, "job:read", { kind: "project", projectId });
    const { pageSize, pageToken, state, originType, originId } = asked;
    const question = ["jobs", projectId, state ?? "", originType ?? "", originId ?? ""];
    const [queuedMs, lastId] =
      pageToken === undefined ? [] : decodePageTokenFor(question, pageToken, PAGE_KINDS);
    const before = queuedMs === undefined ? undefined : { queuedMs: Number(queuedMs), id: String(lastId) };
    const filter = { projectId, state, originType, originId };
    const rows = await queries.jobsPage(db.reader, { ...filter, before, limit: pageSize + 1 });
    const page = rows.slice(0, pageSize);
    const items = page.map((row) => toJob(row, jobSpec.parse(JSON.parse(row.spec)).command));
    const last = page.at(-1);
    return rows.length > page.length && last !== undefined
      ? { items, nextToken: encodePageTokenFor(question, [last.queued_ms, last.id]) }
      : { items };
  }

  async function log(...[actor, projectId, asked]: Parameters<Jobs["log"]>) {
    const job = await readable(actor, projectId, asked.jobId);
    await deps.audit.recordAccess(actor, {
      action: "job.log-read",
      resource: { type: "job", id: job.id, name: job.name },
      projectId,
    });
    return logs.read(job, asked);
  }

  async function target(actor: Actor, projectId: string) {
    await access.require(actor, "job:read", { kind: "project", projectId });
    const inUse = await queries.roomInUse(db.reader, executor.machine);
    return {
      name: "local",
      ...executor.capacity,
      coresInUse: inUse.cores,
      memoryMiBInUse: inUse.memoryMiB,
      queued: await queries.countInState(db.reader, "queued"),
      running: await queries.countInState(db.reader, "running"),
      limits: executor.limits,
    };
  }

  async function isOwn({ via }: Actor, jobId: string): Promise<boolean> {
    if (via.kind !== "token") return false;
    const job = await queries.jobById(db.reader, jobId);
    const attempt = job && (await queries.attemptOf(db.reader, jobId, job.attempt));
    return attempt?.token_id === via.id;
  }

  async function readable(actor: Actor, projectId: string, id: string): Promise<JobRow> {
    await access.require(actor, "job:read", { kind: "project", projectId });
    const row = await queries.jobById(db.reader, id);
    if (row?.project_id !== projectId) throw missing(id);
    return row;
  }
}

function missing(id: string): AppError {
  return new AppError("not_found", `There is no job ${id} in this project.`);
}
