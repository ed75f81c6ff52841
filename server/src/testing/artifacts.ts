import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { AppError } from "#lib/errors";
import { type ArtifactsDeps, artifactsJobs, createArtifacts } from "#modules/artifacts";
import type { Actor } from "#modules/identity";
import type { ProjectKeys } from "#ports/secrets";
import { openDiskBlobs } from "../ports/blobs/disk.ts";
import { openTestDatabase } from "./database.ts";

export const DAY_MS = 24 * 3600 * 1000;

export function actorNamed(id: string): Actor {
  const request = { id: "r", ip: "127.0.0.1", userAgent: "test" };
  return { kind: "user", id, name: id, via: { kind: "process", id: "test" }, request };
}

/** Artifacts over a real database and real sealed files; time moves by hand, neighbours keep what they were told. */
export async function openArtifacts() {
  const directory = mkdtempSync(join(tmpdir(), "atrium-artifacts-"));
  const db = await openTestDatabase();
  const keys: ProjectKeys = {
    keyOf: async (projectId) => createHash("sha256").update(projectId).digest(),
  };
  const blobs = await openDiskBlobs({ directory, keys });
  const told: { action: string; id: string }[] = [];
  const asked: { permission: string; place: unknown }[] = [];
  const quota = { used: 0, maximum: Number.POSITIVE_INFINITY };
  const time = { nowMs: Date.now() };
  const deps: ArtifactsDeps = {
    db,
    blobs,
    clock: { now: () => time.nowMs },
    access: {
      require: async (actor, permission, place) => {
        asked.push({ permission, place });
        if (actor.id === "stranger") throw new AppError("not_found", "There is no such project.");
      },
      can: async () => true,
      visible: async () => ({ all: true }),
      visibleProjects: async () => [],
    },
    audit: {
      record: async (_tx, _actor, entry) => {
        told.push({ action: entry.action, id: entry.resource.id });
      },
      recordAccess: async (_actor, entry) => {
        told.push({ action: entry.action, id: entry.resource.id });
      },
    },
    events: {
      announce: async (_tx, event) => {
        told.push({ action: `event ${event.kind}`, id: event.key });
      },
    },
    projects: {
      checkQuota: async (_tx, _projectId, _resource, adding) => {
        if (quota.used + adding > quota.maximum) throw new AppError("exhausted", "The project is full.");
        quota.used += adding;
      },
    },
  };
  const artifacts = createArtifacts(deps);
  const jobs = artifactsJobs({ ...deps, projectIds: async () => ["p1"] });
  const runJob = async (name: string) => {
    await jobs.find((job) => job.name === name)?.run(new AbortController().signal);
  };
  const owner = actorNamed("owner");
  return {
    artifacts,
    blobs,
    keys,
    db,
    directory,
    told,
    asked,
    quota,
    time,
    owner,
    collect: () => runJob("artifacts-collect"),
    scrub: () => runJob("artifacts-scrub"),
    put: (path: string, text: string | Buffer) =>
      artifacts.put(owner, { projectId: "p1", path }, Readable.from([Buffer.from(text)])),
    read: async (path: string) =>
      (await buffer((await artifacts.get(owner, { projectId: "p1", path })).bytes)).toString(),
    objects: async () => {
      const ids: string[] = [];
      for await (const object of blobs.list("p1")) ids.push(object.id);
      return ids;
    },
  };
}
