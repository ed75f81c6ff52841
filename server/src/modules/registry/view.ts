import type { AliasMove, ModelVersion, RegisteredModel } from "@atrium/contract/registry";
import type { Tx } from "#ports/database";
import * as aliasQueries from "./alias-queries.ts";
import { STAGES } from "./model.ts";
import * as queries from "./queries.ts";
import type { NamedVersionRow } from "./search-queries.ts";
import type { AliasMoveRow, ModelRow, VersionRow } from "./tables.ts";

/** Models as they are shown, in the order of their rows. */
export async function showModels(tx: Tx, rows: readonly ModelRow[]): Promise<RegisteredModel[]> {
  const ids = rows.map((row) => row.id);
  const names = new Map(rows.map((row) => [row.id, row.name]));
  const tags = groupBy(await queries.modelTags(tx, ids), (tag) => tag.model_id);
  const aliases = groupBy(await aliasQueries.aliasesOf(tx, ids), (alias) => alias.model_id);
  const newest = await queries.versionsAmong(tx, await queries.newestOfStages(tx, ids, STAGES));
  const named = newest.map((row) => ({ ...row, name: names.get(row.model_id) ?? "" }));
  const latest = groupBy(await showVersions(tx, named), (version) => version.name);
  return rows.map((row) => ({
    name: row.name,
    description: row.description,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    tags: recordOf(tags.get(row.id) ?? [], (tag) => [tag.key, tag.value]),
    aliases: recordOf(aliases.get(row.id) ?? [], (alias) => [alias.alias, alias.version]),
    latestVersions: latest.get(row.name) ?? [],
    versions: row.versions,
  }));
}

/** Versions as they are shown, in the order of their rows. */
export async function showVersions(tx: Tx, rows: readonly NamedVersionRow[]): Promise<ModelVersion[]> {
  const tags = groupBy(await queries.versionTags(tx, rows), keyOf);
  const modelIds = [...new Set(rows.map((row) => row.model_id))];
  const aliases = groupBy(await aliasQueries.aliasesOf(tx, modelIds), keyOf);
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    description: row.description,
    stage: row.stage,
    status: "READY",
    source: row.source,
    ...(row.artifact_path === "" ? {} : { artifactPath: row.artifact_path }),
    ...(row.run_id === "" ? {} : { runId: row.run_id }),
    ...(row.logged_model_id === "" ? {} : { loggedModelId: row.logged_model_id }),
    ...(row.run_link === "" ? {} : { runLink: row.run_link }),
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    aliases: (aliases.get(keyOf(row)) ?? []).map((alias) => alias.alias),
    tags: recordOf(tags.get(keyOf(row)) ?? [], (tag) => [tag.key, tag.value]),
  }));
}

export async function showModel(tx: Tx, row: ModelRow): Promise<RegisteredModel> {
  return only(await showModels(tx, [row]));
}

export async function showVersion(tx: Tx, name: string, row: VersionRow): Promise<ModelVersion> {
  return only(await showVersions(tx, [{ ...row, name }]));
}

export function showMove(row: AliasMoveRow): AliasMove {
  return {
    alias: row.alias,
    ...(row.from_version === null ? {} : { fromVersion: row.from_version }),
    ...(row.to_version === null ? {} : { toVersion: row.to_version }),
    atMs: row.at_ms,
    by: row.moved_by,
  };
}

function keyOf(row: { model_id: string; version: number }): string {
  return `${row.model_id} ${row.version}`;
}

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** A record that has no other keys than those given, whatever they are called. */
function recordOf<T, V>(rows: readonly T[], entry: (row: T) => readonly [string, V]): Record<string, V> {
  return Object.fromEntries(rows.map(entry));
}

function only<T>(shown: readonly T[]): T {
  const [first] = shown;
  if (first === undefined) throw new Error("Broken assumption: what is shown has a row.");
  return first;
}
