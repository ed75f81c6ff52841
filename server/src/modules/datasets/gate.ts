import type { Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { DatasetsDeps } from "./deps.ts";
import type { DatasetAt, NumberedVersionAt } from "./door.ts";
import * as queries from "./queries.ts";
import type { DatasetRow, VersionRow } from "./tables.ts";

export type DatasetPermission = Extract<Permission, `dataset:${string}`>;

/** Lets an actor at a dataset, and tells of what they did to it; of reading once a minute. */
export interface Gate {
  admitTo(actor: Actor, permission: DatasetPermission, projectId: string): Promise<void>;
  /** @throws AppError `not_found`, `forbidden` */
  admit(actor: Actor, permission: DatasetPermission, at: DatasetAt): Promise<DatasetRow>;
  admitVersion(
    actor: Actor,
    permission: DatasetPermission,
    at: NumberedVersionAt,
  ): Promise<{ dataset: DatasetRow; version: VersionRow }>;
  /** Announces and records one change, in its transaction. */
  tell(tx: Tx, actor: Actor, news: DatasetNews): Promise<void>;
}

export interface DatasetNews {
  /** Both the event's kind and the record's action. */
  action: string;
  dataset: Pick<DatasetRow, "id" | "project_id" | "name">;
  version?: number | undefined;
  /** Small facts; none of them a user's data. */
  details?: Record<string, unknown>;
}

export function createGate({ db, access, audit, events }: DatasetsDeps): Gate {
  return { admitTo, admit, admitVersion, tell };

  async function admitTo(actor: Actor, permission: DatasetPermission, projectId: string): Promise<void> {
    await access.require(actor, permission, { kind: "project", projectId });
    if (permission !== "dataset:read") return;
    const resource = { type: "project", id: projectId };
    await audit.recordAccess(actor, { action: "dataset.searched", resource, projectId });
  }

  async function admit(actor: Actor, permission: DatasetPermission, at: DatasetAt): Promise<DatasetRow> {
    await access.require(actor, permission, { kind: "project", projectId: at.projectId });
    const dataset = await queries.datasetByName(db.reader, at.projectId, at.name);
    if (dataset === undefined) throw missingDataset(at);
    if (permission === "dataset:read") {
      const resource = { type: "dataset", id: dataset.id, name: dataset.name };
      await audit.recordAccess(actor, { action: "dataset.read", resource, projectId: at.projectId });
    }
    return dataset;
  }

  async function admitVersion(
    actor: Actor,
    permission: DatasetPermission,
    at: NumberedVersionAt,
  ): Promise<{ dataset: DatasetRow; version: VersionRow }> {
    const dataset = await admit(actor, permission, at);
    const version = await queries.versionOf(db.reader, { dataset_id: dataset.id, version: at.version });
    if (version === undefined) throw missingVersion(at);
    return { dataset, version };
  }

  async function tell(tx: Tx, actor: Actor, news: DatasetNews): Promise<void> {
    const { action, dataset, version, details = {} } = news;
    const about = {
      datasetId: dataset.id,
      name: dataset.name,
      ...(version === undefined ? {} : { version }),
    };
    const { project_id: projectId } = dataset;
    await events.announce(tx, { kind: action, projectId, key: dataset.id, body: { ...about, ...details } });
    const resource =
      version === undefined
        ? { type: "dataset", id: dataset.id, name: dataset.name }
        : { type: "dataset-version", id: `${dataset.id}/${version}`, name: `${dataset.name} ${version}` };
    await audit.record(tx, actor, { action, resource, projectId, details });
  }
}

export function missingDataset({ name }: DatasetAt): AppError {
  return new AppError("not_found", `There is no dataset ${name}, or you may not see it.`);
}

export function missingVersion({ name, version }: NumberedVersionAt): AppError {
  return new AppError("not_found", `There is no version ${version} of the dataset ${name}.`);
}

/** @throws AppError `conflict` unless the version can be read */
export function requireReady({ name }: { name: string }, version: VersionRow): void {
  if (version.state === "ready") return;
  const at = `Version ${version.version} of ${name}`;
  throw version.state === "pending"
    ? new AppError("conflict", `${at} is being prepared; try again in a moment.`, { reason: "pending" })
    : new AppError("conflict", `${at} cannot be read: ${version.reason}`, { reason: "failed" });
}
