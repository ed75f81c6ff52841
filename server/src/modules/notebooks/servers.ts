import type { NotebookServer } from "@atrium/contract/notebooks";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { NotebooksDeps } from "./deps.ts";
import type { NotebookServers } from "./door.ts";
import type { Gate } from "./gate.ts";
import type { Jupyter } from "./jupyter.ts";
import * as limits from "./limits.ts";
import { programOf, settingsOf } from "./program.ts";
import * as queries from "./queries.ts";
import { isStanding, SERVER_ORIGIN, toServer } from "./server.ts";
import type { ServerRow } from "./tables.ts";

type ServersDeps = Pick<
  NotebooksDeps,
  "db" | "clock" | "jobs" | "audit" | "lineage" | "pythonDirectory" | "jupyter" | "kernels" | "idleMs"
>;

/** One Jupyter server a person and project, each a job: it outlives us, and is adopted as jobs are. */
export function createServers(
  deps: ServersDeps,
  { gate, jupyter }: { gate: Gate; jupyter: Jupyter },
): NotebookServers {
  const { db, clock, jobs } = deps;
  return { start, get, stop, list, key, reach };

  async function start(
    ...[actor, projectId, given]: Parameters<NotebookServers["start"]>
  ): Promise<NotebookServer> {
    await gate.require(actor, "notebook:write", projectId);
    const userId = personOf(actor);
    const standing = await queries.newestServer(db.reader, { projectId, userId });
    if (standing !== undefined && isStanding(standing, await jobOf(db.reader, standing)))
      return show(standing);
    const row: ServerRow = {
      id: newId(),
      project_id: projectId,
      user_id: userId,
      user_name: actor.name,
      job_id: newId(),
      requirements: JSON.stringify(given.requirements),
      started_ms: clock.now(),
      stop_asked_ms: null,
      answered_ms: null,
      given_up_ms: null,
      ended_ms: null,
    };
    const { memoryMiB } = await jobs.target(actor, projectId);
    const job = jobFor(row, Math.floor(memoryMiB * limits.SERVER_MEMORY_SHARE));
    await jobs.checkSubmit(actor, job);
    await jupyter.prepare();
    const started = await db.transaction(async (tx) => {
      await tx.serialize(`notebooks.servers.${userId}`);
      const other = await queries.newestServer(tx, { projectId, userId });
      if (other !== undefined && isStanding(other, await jobOf(tx, other))) return other;
      await refuseTooMany(tx, { projectId, userId });
      await queries.addServer(tx, row);
      await jobs.submit(tx, actor, job);
      const thing = { type: SERVER_ORIGIN, id: row.id };
      await deps.lineage.link(tx, {
        projectId,
        from: thing,
        relation: "produced",
        to: { type: "job", id: job.id },
      });
      await tell(tx, actor, row, "started");
      return row;
    });
    return show(started);
  }

  function jobFor(row: ServerRow, roomMiB: number) {
    const { id, project_id: projectId, user_name, job_id } = row;
    return {
      id: job_id,
      projectId,
      name: `Jupyter of ${user_name}`.slice(0, 250),
      origin: { type: SERVER_ORIGIN, id },
      command: programOf(deps.pythonDirectory, "serve"),
      environment: { requirements: deps.jupyter },
      besides: {
        ATRIUM_KERNEL_ENVIRONMENT: {
          requirements: [...deps.kernels, ...(JSON.parse(row.requirements) as string[])],
        },
      },
      place: "beside-queue" as const,
      variables: settingsOf({
        server: id,
        socket_folder: jupyter.socketFolder(id),
        base_url: jupyter.baseUrl(row),
        idle_seconds: deps.idleMs / 1000,
        file_bytes_max: limits.FILE_BYTES_MAX,
        folder_bytes_max: limits.FOLDER_BYTES_MAX,
        body_bytes_max: limits.BODY_BYTES_MAX,
        message_bytes_max: limits.MESSAGE_BYTES_MAX,
        kernels_max: limits.KERNELS_MAX,
      }),
      limits: {
        memoryMiB: Math.min(limits.SERVER_MEMORY_MIB, roomMiB),
        outputMiB: limits.SERVER_OUTPUT_MIB,
        timeoutMs: limits.SERVER_TIMEOUT_MS,
      },
      retries: limits.SERVER_RETRIES,
      labels: { notebook_server: id },
    };
  }

  async function get(actor: Actor, projectId: string) {
    await gate.require(actor, "notebook:read", projectId);
    return show(await own(actor, projectId));
  }

  async function stop(actor: Actor, projectId: string) {
    await gate.require(actor, "notebook:write", projectId);
    const row = await own(actor, projectId);
    const asked = await db.transaction(async (tx) => {
      const standing = (await queries.serverToChange(tx, row.id)) ?? row;
      if (!isStanding(standing, await jobOf(tx, standing))) return standing;
      const stopping = { ...standing, stop_asked_ms: clock.now() };
      await queries.changeServer(tx, row.id, { stop_asked_ms: stopping.stop_asked_ms });
      await tell(tx, actor, row, "stopped");
      return stopping;
    });
    // Again when it was asked before: a server that was killed between the two had not told the job.
    if (asked.stop_asked_ms !== null) await jobs.cancel(actor, projectId, asked.job_id);
    return show(asked);
  }

  async function list(...[actor, asked]: Parameters<NotebookServers["list"]>) {
    const { projectId, pageSize, pageToken } = asked;
    await gate.require(actor, "notebook:read", projectId);
    return keysetPage({
      pageSize,
      pageToken,
      question: ["notebook-servers", projectId],
      kinds: ["whole", "text"],
      rows: (after, limit) =>
        queries.serversPage(db.reader, {
          projectId,
          before: after && { ms: Number(after[0]), id: String(after[1]) },
          limit,
        }),
      show: (rows) => Promise.all(rows.map(show)),
      position: (row) => [row.started_ms, row.id],
    });
  }

  async function key(...[actor, projectId, id]: Parameters<NotebookServers["key"]>) {
    await gate.require(actor, "notebook:write", projectId);
    const row = await queries.serverById(db.reader, id);
    if (row?.project_id !== projectId || !(await jobs.isOwn(actor, row.job_id)))
      throw new AppError("not_found", `There is no notebook server ${id} that is the caller's own job.`);
    return { key: (await jupyter.key(id)).toString("hex"), owner: row.user_id };
  }

  async function reach(...[actor, projectId, userId]: Parameters<NotebookServers["reach"]>) {
    await gate.require(actor, "notebook:write", projectId);
    if (userId !== actor.id)
      throw new AppError("not_found", "There is no notebook server of yours at this address.");
    const row = await queries.newestServer(db.reader, { projectId, userId });
    const job = row && (await jobOf(db.reader, row));
    if (row === undefined || job === undefined || !isStanding(row, job) || job.state !== "running")
      return { kind: "away" as const };
    const by = actor.via.kind === "session" ? "session" : "token";
    await gate.recordRead(actor, {
      action: `${SERVER_ORIGIN}.opened`,
      projectId,
      id: row.id,
      name: row.user_name,
    });
    return {
      kind: "running" as const,
      socketPath: jupyter.socketPath(row.id),
      identity: await jupyter.vouch(row.id, { user: userId, name: actor.name, by }),
    };
  }

  async function own(actor: Actor, projectId: string): Promise<ServerRow> {
    const row = await queries.newestServer(db.reader, { projectId, userId: personOf(actor) });
    if (row === undefined)
      throw new AppError("not_found", "You have no notebook server in this project; start one.");
    return row;
  }

  async function show(row: ServerRow): Promise<NotebookServer> {
    const job = await jobOf(db.reader, row);
    const activity =
      job?.state === "running" && row.stop_asked_ms === null ? await jupyter.activity(row) : undefined;
    return toServer(row, { job, activity, url: `${jupyter.baseUrl(row)}lab`, nowMs: clock.now() });
  }

  function jobOf(tx: Tx, row: ServerRow) {
    return jobs.find(tx, row.project_id, row.job_id);
  }

  async function refuseTooMany(tx: Tx, of: { projectId: string; userId: string }): Promise<void> {
    const { project, person } = await queries.countStanding(tx, of);
    if (person >= limits.SERVERS_OF_PERSON_MAX)
      throw new AppError("exhausted", `You have ${person} notebook servers running; stop one of them first.`);
    if (project >= limits.SERVERS_OF_PROJECT_MAX)
      throw new AppError(
        "exhausted",
        `The project has ${project} notebook servers running; let one be stopped first.`,
      );
  }

  function tell(tx: Tx, actor: Actor, row: ServerRow, what: "started" | "stopped") {
    const { id, project_id: projectId, user_name: name, job_id: jobId } = row;
    return gate.tell(tx, actor, {
      action: `${SERVER_ORIGIN}.${what}`,
      projectId,
      id,
      name,
      details: { jobId },
    });
  }
}

/** @throws AppError `forbidden` for the system and for nobody */
function personOf({ kind, id }: Actor): string {
  if (kind === "user" || kind === "service-account") return id;
  throw new AppError("forbidden", "Only people and service accounts have notebook servers.");
}
