import type { Job } from "#lib/jobs";
import { type ArtifactsDeps, createContents, lock } from "./contents.ts";
import * as queries from "./queries.ts";

const HOUR_MS = 3600 * 1000;
const UNUSED_MS = HOUR_MS; // A content just taken into use or read from is left alone at least this long.
const ORPHAN_MS = 24 * HOUR_MS; // Between an object's last byte and its transaction lie milliseconds, never a day.
const VERIFY_EVERY_MS = 30 * 24 * HOUR_MS;
const STEP_ROWS = 100;

/** What the worker does for artifacts: collects what nothing names, and reads everything through once a month. */
export function artifactsJobs(deps: ArtifactsDeps & { projectIds(): Promise<readonly string[]> }): Job[] {
  return [
    { name: "artifacts-collect", everyMs: HOUR_MS, run: (signal) => collect(deps, signal) },
    { name: "artifacts-scrub", everyMs: HOUR_MS, run: (signal) => scrub(deps, signal) },
  ];
}

async function collect(
  deps: ArtifactsDeps & { projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  const contents = createContents(deps);
  await endExpiredUploads(deps, signal);
  for (const projectId of await deps.projectIds()) {
    if (signal.aborted) return;
    await giveUpUnused(deps, projectId, signal);
    await giveUpOrphans(deps, projectId, signal);
  }
  for (;;) {
    const gone = await queries.removals(deps.db.reader, STEP_ROWS);
    if (gone.length === 0 || signal.aborted) return;
    await contents.removeObjects(gone);
  }
}

async function endExpiredUploads({ db, clock }: ArtifactsDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ended = await db.transaction(async (tx) => {
      const ids = await queries.expiredUploads(tx, clock.now(), STEP_ROWS);
      for (const id of ids) await queries.deleteUpload(tx, id);
      return ids.length;
    });
    if (ended < STEP_ROWS) return;
  }
}

/** Marks and gives up in one transaction under the project's lock, so no put can take up what is being given up. */
async function giveUpUnused(deps: ArtifactsDeps, projectId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const count = await deps.db.transaction(async (tx) => {
      await lock(tx, projectId);
      const unused = await queries.unusedContents(tx, projectId, deps.clock.now() - UNUSED_MS, STEP_ROWS);
      if (unused.length === 0) return 0;
      await queries.deleteContents(
        tx,
        projectId,
        unused.map((row) => row.digest),
      );
      await queries.addRemovals(
        tx,
        projectId,
        unused.map((row) => row.object_id),
      );
      const bytes = unused.reduce((sum, row) => sum + row.size_bytes, 0);
      await deps.projects.checkQuota(tx, projectId, "artifactBytes", -bytes);
      return unused.length;
    });
    if (count < STEP_ROWS) return;
  }
}

/** Objects whose transaction never came: an upload ended by a crash. */
async function giveUpOrphans(deps: ArtifactsDeps, projectId: string, signal: AbortSignal): Promise<void> {
  let old: string[] = [];
  const flush = async () => {
    const ids = old;
    old = [];
    await deps.db.transaction(async (tx) => {
      await lock(tx, projectId);
      const used = await queries.objectsInUse(tx, ids);
      await queries.addRemovals(
        tx,
        projectId,
        ids.filter((id) => !used.has(id)),
      );
    });
  };
  for await (const object of deps.blobs.list(projectId)) {
    if (signal.aborted) return;
    if (object.storedAtMs > deps.clock.now() - ORPHAN_MS) continue;
    old.push(object.id);
    if (old.length === STEP_ROWS) await flush();
  }
  if (old.length > 0) await flush();
}

/** Reads what was not read for longest. Damage is told and marked; nothing is deleted: a backup may still heal it. */
async function scrub(deps: ArtifactsDeps, signal: AbortSignal): Promise<void> {
  const { db, blobs, clock } = deps;
  while (!signal.aborted) {
    const due = await queries.contentsToVerify(db.reader, clock.now() - VERIFY_EVERY_MS, STEP_ROWS);
    for (const row of due) {
      if (signal.aborted) return;
      const whole = await blobs.verify(row.project_id, row.object_id, row.digest);
      await db.transaction(async (tx) => {
        const now = await queries.contentOf(tx, row.project_id, row.digest);
        if (now?.object_id !== row.object_id) return; // Healed or given up meanwhile.
        const nowMs = clock.now();
        await queries.changeContent(tx, row, whole ? { verified_ms: nowMs } : { damaged_ms: nowMs });
        if (whole) return;
        const { project_id: projectId, digest } = row;
        await deps.events.announce(tx, {
          kind: "artifact.damaged",
          projectId,
          key: digest,
          body: { digest },
        });
      });
    }
    if (due.length < STEP_ROWS) return;
  }
}
