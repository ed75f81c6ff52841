import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { JobStatus, NotebooksDeps } from "./deps.ts";
import type { Gate } from "./gate.ts";
import type { Jupyter } from "./jupyter.ts";
import { START_MS } from "./limits.ts";
import * as queries from "./queries.ts";
import { isOver, SERVER_ORIGIN } from "./server.ts";
import type { ServerRow } from "./tables.ts";

type WatchDeps = Pick<NotebooksDeps, "db" | "clock" | "events" | "jobs" | "machine">;

/**
 * Marks servers whose job has ended, whoever ended it: they count no longer, and their sockets go. Ends those that do
 * not come to answer.
 */
export function watchServers(
  { db, clock, events, jobs, machine }: WatchDeps,
  { gate, jupyter, system }: { gate: Gate; jupyter: Jupyter; system: Actor },
): { settle(): Promise<void> } {
  events.subscribe("notebooks.servers", ["job.finished"], async ({ body }) => {
    if (body.originType === SERVER_ORIGIN) await ended(String(body.originId));
  });
  return { settle };

  /** What the news did not reach, and who has to be looked at for it. */
  async function settle(): Promise<void> {
    const standing = await queries.standingServers(db.reader);
    // Together: each that does not answer takes its seconds.
    await Promise.all(
      standing.map(async (row) => {
        const job = await jobs.find(db.reader, row.project_id, row.job_id);
        if (job === undefined || isOver(job)) await ended(row.id);
        else if (row.given_up_ms !== null) await endJob(row);
        else if (isStarting(row, job)) await lookAtStart(row, job.startedMs ?? clock.now());
      }),
    );
  }

  /** Only its own machine reaches its socket, and may say that it does not answer. */
  function isStarting({ answered_ms, stop_asked_ms }: ServerRow, job: JobStatus): boolean {
    return (
      answered_ms === null && stop_asked_ms === null && job.state === "running" && job.machine === machine
    );
  }

  async function lookAtStart(row: ServerRow, startedMs: number): Promise<void> {
    const answers = (await jupyter.activity(row)) !== undefined;
    const nowMs = clock.now();
    if (answers) {
      await db.transaction((tx) => queries.changeServer(tx, row.id, { answered_ms: nowMs }));
    } else if (nowMs - startedMs > START_MS && (await giveUp(row, nowMs))) {
      await endJob(row);
    }
  }

  /** @returns false when somebody has stopped it meanwhile */
  async function giveUp({ id }: ServerRow, nowMs: number): Promise<boolean> {
    return db.transaction(async (tx) => {
      const row = await queries.serverToChange(tx, id);
      if (row === undefined || row.ended_ms !== null || row.stop_asked_ms !== null) return false;
      await queries.changeServer(tx, id, { given_up_ms: nowMs });
      await tell(tx, row, "given-up", { jobId: row.job_id });
      return true;
    });
  }

  async function endJob({ project_id, job_id }: ServerRow): Promise<void> {
    await jobs.cancel(system, project_id, job_id).catch((thrown: unknown) => {
      if (!(thrown instanceof AppError && thrown.code === "not_found")) throw thrown; // It went with its project.
    });
  }

  async function ended(id: string): Promise<void> {
    await db.transaction(async (tx) => {
      const row = await queries.serverToChange(tx, id);
      if (row === undefined || row.ended_ms !== null) return;
      const job = await jobs.find(tx, row.project_id, row.job_id);
      if (job !== undefined && !isOver(job)) return;
      await queries.changeServer(tx, id, { ended_ms: job?.endedMs ?? clock.now() });
      await tell(tx, row, "ended", { jobId: row.job_id, state: job?.state ?? "gone" });
    });
    await jupyter.forget(id);
  }

  function tell(tx: Tx, row: ServerRow, what: "given-up" | "ended", details: Record<string, unknown>) {
    const { id, project_id: projectId, user_name: name } = row;
    return gate.tell(tx, system, { action: `${SERVER_ORIGIN}.${what}`, projectId, id, name, details });
  }
}
