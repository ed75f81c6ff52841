import { Readable } from "node:stream";
import type { DatasetFormat, DatasetVersion } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor } from "#modules/identity";
import { createLineage } from "#modules/lineage";
import type { DomainEvent } from "#ports/events";
import { type DuckdbEngine, openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { actorNamed, openArtifacts } from "../../testing/artifacts.ts";
import { createDatasets } from "./datasets.ts";
import type { DatasetsDeps } from "./deps.ts";
import { datasetsJobs } from "./jobs.ts";

export const PROJECT = "p1";

/**
 * Datasets over a real database, real sealed files, real lineage and a real engine. `rights` says what others than the
 * owner may do; time moves by hand.
 */
export async function openDatasets(engine: DuckdbEngine = openDuckdb()) {
  const { db, time, artifacts, objects, keys, collect } = await openArtifacts();
  const clock = { now: () => time.nowMs };
  const told: DomainEvent[] = [];
  const recorded: { action: string; by: string }[] = [];
  const rights: Record<string, readonly string[]> = {};
  const access: AccessControl = {
    can: async (actor, permission) => may(actor, permission),
    require: async (actor, permission) => {
      if (may(actor, permission)) return;
      const reads = may(actor, permission.replace(/:.*/, ":read"));
      throw reads ? new AppError("forbidden", "No.") : new AppError("not_found", "Nothing here.");
    },
    visible: async () => ({ all: true }),
    visibleProjects: async () => [PROJECT],
  };
  function may(actor: Actor, permission: string): boolean {
    return actor.kind === "system" || actor.id === "owner" || (rights[actor.id] ?? []).includes(permission);
  }
  const lineage = createLineage({ db, clock, access });
  const deps: DatasetsDeps = {
    ...{ db, clock, access, lineage, artifacts, engine, keys },
    audit: {
      record: async (_tx, actor, entry) => {
        recorded.push({ action: entry.action, by: actor.id });
      },
      recordAccess: async (actor, entry) => {
        recorded.push({ action: entry.action, by: actor.id });
      },
    },
    events: {
      announce: async (_tx, event) => {
        told.push(event);
      },
    },
  };
  const datasets = createDatasets(deps);
  const jobs = datasetsJobs({ ...deps, projectIds: async () => [PROJECT] });
  const runJob = async (name: string) => {
    await jobs.find((job) => job.name === name)?.run(new AbortController().signal);
  };
  const owner = actorNamed("owner");
  const prepare = () => runJob("datasets-prepare");
  const at = (name: string) => ({ projectId: PROJECT, name });

  async function upload(
    name: string,
    content: string | Buffer,
    format: DatasetFormat = "csv",
  ): Promise<DatasetVersion> {
    return datasets.versions.upload(owner, at(name), Readable.from([Buffer.from(content)]), { format });
  }
  /** Uploads and lets the worker look at it. */
  async function ready(
    name: string,
    content: string | Buffer,
    format?: DatasetFormat,
  ): Promise<DatasetVersion> {
    const { version } = await upload(name, content, format);
    await prepare();
    return datasets.versions.get(owner, { ...at(name), version });
  }
  return {
    ...{ db, time, told, recorded, rights, artifacts, objects, collect, lineage, engine, datasets },
    versions: datasets.versions,
    ...{ owner, at, upload, ready, prepare },
    clear: () => runJob("datasets-clear"),
    create: (name: string) => datasets.create(owner, PROJECT, { name }),
    close: async () => {
      await db.close();
      await engine.stop();
    },
  };
}
