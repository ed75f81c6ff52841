import { forUpdate, type Tx, tables } from "#ports/database";
import type { NotebooksTables, RunRow, ServerRow } from "./tables.ts";

const db = tables<NotebooksTables>();

const SERVER = [
  "id",
  "project_id",
  "user_id",
  "user_name",
  "job_id",
  "requirements",
  "started_ms",
  "stop_asked_ms",
  "answered_ms",
  "given_up_ms",
  "ended_ms",
] as const;
const RUN = [
  "id",
  "project_id",
  "path",
  "version",
  "parameters",
  "job_id",
  "started_by",
  "queued_ms",
  "cells_total",
  "cells_done",
  "artifact_path",
  "size_bytes",
] as const;

export async function addServer(tx: Tx, row: ServerRow): Promise<void> {
  await db(tx).insertInto("notebooks_servers").values(row).execute();
}

/** The last one that a person started in a project. */
export async function newestServer(
  tx: Tx,
  { projectId, userId }: { projectId: string; userId: string },
): Promise<ServerRow | undefined> {
  return db(tx)
    .selectFrom("notebooks_servers")
    .select(SERVER)
    .where("project_id", "=", projectId)
    .where("user_id", "=", userId)
    .orderBy("started_ms", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function serverById(tx: Tx, id: string): Promise<ServerRow | undefined> {
  return db(tx).selectFrom("notebooks_servers").select(SERVER).where("id", "=", id).executeTakeFirst();
}

export async function serverToChange(tx: Tx, id: string): Promise<ServerRow | undefined> {
  const query = db(tx).selectFrom("notebooks_servers").select(SERVER).where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function changeServer(
  tx: Tx,
  id: string,
  changes: Partial<Pick<ServerRow, "stop_asked_ms" | "answered_ms" | "given_up_ms" | "ended_ms">>,
): Promise<void> {
  await db(tx).updateTable("notebooks_servers").set(changes).where("id", "=", id).execute();
}

interface Before {
  ms: number;
  id: string;
}

export async function serversPage(
  tx: Tx,
  { projectId, before, limit }: { projectId: string; before?: Before | undefined; limit: number },
): Promise<ServerRow[]> {
  let query = db(tx).selectFrom("notebooks_servers").select(SERVER).where("project_id", "=", projectId);
  if (before !== undefined)
    query = query.where((at) =>
      at.or([
        at("started_ms", "<", before.ms),
        at.and([at("started_ms", "=", before.ms), at("id", "<", before.id)]),
      ]),
    );
  return query.orderBy("started_ms", "desc").orderBy("id", "desc").limit(limit).execute();
}

/** Those whose job has not been seen to end: of a project, and of a person. */
export async function countStanding(
  tx: Tx,
  { projectId, userId }: { projectId: string; userId: string },
): Promise<{ project: number; person: number }> {
  const rows = await db(tx)
    .selectFrom("notebooks_servers")
    .select(["project_id", "user_id"])
    .where("ended_ms", "is", null)
    .where((at) => at.or([at("project_id", "=", projectId), at("user_id", "=", userId)]))
    .limit(STANDING_MAX)
    .execute();
  return {
    project: rows.filter((row) => row.project_id === projectId).length,
    person: rows.filter((row) => row.user_id === userId).length,
  };
}

const STANDING_MAX = 1000; // Far more than any of the limits that are counted for.

export async function standingServers(tx: Tx): Promise<ServerRow[]> {
  return db(tx)
    .selectFrom("notebooks_servers")
    .select(SERVER)
    .where("ended_ms", "is", null)
    .limit(STANDING_MAX)
    .execute();
}

export async function addRun(tx: Tx, row: RunRow): Promise<void> {
  await db(tx).insertInto("notebooks_runs").values(row).execute();
}

export async function runById(tx: Tx, id: string): Promise<RunRow | undefined> {
  return db(tx).selectFrom("notebooks_runs").select(RUN).where("id", "=", id).executeTakeFirst();
}

export async function changeRun(
  tx: Tx,
  id: string,
  changes: Pick<RunRow, "cells_total" | "cells_done" | "artifact_path" | "size_bytes">,
): Promise<void> {
  await db(tx).updateTable("notebooks_runs").set(changes).where("id", "=", id).execute();
}

export async function runsPage(
  tx: Tx,
  asked: { projectId: string; path?: string | undefined; before?: Before | undefined; limit: number },
): Promise<RunRow[]> {
  const { projectId, path, before, limit } = asked;
  let query = db(tx).selectFrom("notebooks_runs").select(RUN).where("project_id", "=", projectId);
  if (path !== undefined) query = query.where("path", "=", path);
  if (before !== undefined)
    query = query.where((at) =>
      at.or([
        at("queued_ms", "<", before.ms),
        at.and([at("queued_ms", "=", before.ms), at("id", "<", before.id)]),
      ]),
    );
  return query.orderBy("queued_ms", "desc").orderBy("id", "desc").limit(limit).execute();
}

export async function projectsWithNotebooks(tx: Tx): Promise<string[]> {
  const files = await db(tx).selectFrom("notebooks_files").select("project_id").distinct().execute();
  const servers = await db(tx).selectFrom("notebooks_servers").select("project_id").distinct().execute();
  const runs = await db(tx).selectFrom("notebooks_runs").select("project_id").distinct().execute();
  return [...new Set([...files, ...servers, ...runs].map(({ project_id }) => project_id))];
}

/** @returns how many files went; the rest of the project goes with the last of them */
export async function removeSome(tx: Tx, projectId: string, limit: number): Promise<number> {
  const rows = await db(tx)
    .selectFrom("notebooks_files")
    .select("id")
    .where("project_id", "=", projectId)
    .limit(limit)
    .execute();
  if (rows.length > 0) {
    const ids = rows.map(({ id }) => id);
    await db(tx).deleteFrom("notebooks_versions").where("file_id", "in", ids).execute();
    await db(tx).deleteFrom("notebooks_files").where("id", "in", ids).execute();
    return rows.length;
  }
  await db(tx).deleteFrom("notebooks_servers").where("project_id", "=", projectId).execute();
  await db(tx).deleteFrom("notebooks_runs").where("project_id", "=", projectId).execute();
  await db(tx).deleteFrom("notebooks_leftovers").where("project_id", "=", projectId).execute();
  return 0;
}
