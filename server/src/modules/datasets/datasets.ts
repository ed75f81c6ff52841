import type { Dataset, DatasetCheck } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation } from "#ports/database";
import { createCertifying } from "./certifying.ts";
import type { DatasetsDeps } from "./deps.ts";
import type { DatasetAt, Datasets, Deletion } from "./door.ts";
import { createGate, type Gate, missingDataset } from "./gate.ts";
import * as queries from "./queries.ts";
import { createReading } from "./reading.ts";
import { claimFolder, createStorage, type Storage } from "./storage.ts";
import type { DatasetRow } from "./tables.ts";
import { createUses } from "./uses.ts";
import { createVersions } from "./versions.ts";
import { showDataset, showDatasets } from "./view.ts";

const WORDS_MAX = 10; // Of a search; each is a scan of the project's few hundred datasets.
const WORDS_CHARACTERS_MAX = 20_000; // What a search looks at of one dataset.
const STEP_VERSIONS = 500;

/** Curated tables: named, versioned, profiled, checked and certified. */
export function createDatasets(deps: DatasetsDeps): Datasets {
  claimFolder(deps);
  const gate = createGate(deps);
  const storage = createStorage(deps);
  const { table, ...reading } = createReading(deps, gate, storage);
  return {
    ...createCatalogue(deps, gate, storage),
    table,
    versions: {
      ...createVersions(deps, gate, { storage, table }),
      ...createCertifying(deps, gate, storage),
      ...reading,
    },
  };
}

type Catalogue = Pick<Datasets, "list" | "get" | "create" | "update" | "remove">;

function createCatalogue(deps: DatasetsDeps, gate: Gate, storage: Storage): Catalogue {
  const { db, clock, lineage } = deps;
  const uses = createUses(deps);
  return { list, get, create, update, remove };

  async function list(actor: Actor, projectId: string, asked: Parameters<Catalogue["list"]>[2]) {
    await gate.admitTo(actor, "dataset:read", projectId);
    const words = (asked.search ?? "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, WORDS_MAX);
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["datasets", projectId, words, asked.certified ?? null],
      kinds: ["text"],
      rows: (after, limit) => {
        const afterName = after === undefined ? undefined : String(after[0]);
        return queries.searchDatasets(db.longReader, {
          ...{ projectId, words, certified: asked.certified, afterName, limit },
        });
      },
      show: (rows) => showDatasets(db.reader, rows),
      position: (row) => [row.name],
    });
  }

  async function get(actor: Actor, at: DatasetAt): Promise<Dataset> {
    return showDataset(db.reader, await gate.admit(actor, "dataset:read", at));
  }

  async function create(actor: Actor, projectId: string, given: Parameters<Catalogue["create"]>[2]) {
    await gate.admitTo(actor, "dataset:write", projectId);
    checkChecks(given.checks ?? []);
    const nowMs = clock.now();
    const row = withWords({
      id: newId(),
      project_id: projectId,
      name: given.name,
      description: given.description ?? "",
      owner: given.owner ?? actor.name,
      tags: JSON.stringify(given.tags ?? {}),
      checks: JSON.stringify(given.checks ?? []),
      words: "",
      last_version: 0,
      versions: 0,
      created_by: actor.name,
      created_ms: nowMs,
      updated_ms: nowMs,
    });
    try {
      return await db.transaction(async (tx) => {
        await queries.addDataset(tx, row);
        await gate.tell(tx, actor, { action: "dataset.created", dataset: row });
        return showDataset(tx, row);
      });
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      const message = `A dataset ${given.name} exists already; choose another name or add a version to it.`;
      throw new AppError("conflict", message, { at: "name", reason: "already_exists" });
    }
  }

  async function update(actor: Actor, at: DatasetAt, changes: Parameters<Catalogue["update"]>[2]) {
    const { id } = await gate.admit(actor, "dataset:write", at);
    checkChecks(changes.checks ?? []);
    return db.transaction(async (tx) => {
      const before = await queries.datasetToChange(tx, id);
      if (before === undefined) throw missingDataset(at);
      const after = withWords({
        ...before,
        description: changes.description ?? before.description,
        owner: changes.owner ?? before.owner,
        tags: changes.tags === undefined ? before.tags : JSON.stringify(changes.tags),
        checks: changes.checks === undefined ? before.checks : JSON.stringify(changes.checks),
        updated_ms: clock.now(),
      });
      const { description, owner, tags, checks, words, updated_ms } = after;
      await queries.changeDataset(tx, id, { description, owner, tags, checks, words, updated_ms });
      const details = { changed: Object.keys(changes) };
      await gate.tell(tx, actor, { action: "dataset.updated", dataset: after, details });
      return showDataset(tx, after);
    });
  }

  async function remove(actor: Actor, at: DatasetAt, how: Deletion): Promise<void> {
    const { id } = await gate.admit(actor, "dataset:delete", at);
    if (how === "unless-used") {
      for (const row of await allVersions(id)) await uses.refuseUsed({ ...at, version: row.version }, row);
    }
    await db.transaction(async (tx) => {
      const dataset = await queries.datasetToChange(tx, id);
      if (dataset === undefined) throw missingDataset(at);
      // Under the dataset's lock no version comes; the list is the whole.
      for (let before: number | undefined; ; ) {
        const rows = await queries.versionsOf(tx, id, { before, limit: STEP_VERSIONS });
        for (const { version } of rows) {
          await storage.giveUp(tx, at.projectId, await queries.filesOf(tx, { dataset_id: id, version }));
          const thing = { type: "dataset", id: at.name, version: String(version) };
          await lineage.unlink(tx, at.projectId, thing);
        }
        before = rows.at(-1)?.version;
        if (rows.length < STEP_VERSIONS) break;
      }
      await queries.removeDataset(tx, id);
      const details = { versions: dataset.versions, how };
      await gate.tell(tx, actor, { action: "dataset.deleted", dataset, details });
    });
  }

  async function allVersions(id: string) {
    const all = [];
    for (let before: number | undefined; ; ) {
      const rows = await queries.versionsOf(db.reader, id, { before, limit: STEP_VERSIONS });
      all.push(...rows);
      before = rows.at(-1)?.version;
      if (rows.length < STEP_VERSIONS) return all;
    }
  }
}

/** What the shapes cannot say. @throws AppError `invalid` */
function checkChecks(checks: readonly DatasetCheck[]): void {
  for (const check of checks) {
    if (check.kind !== "range" && check.kind !== "row-count") continue;
    const { min, max } = check;
    if (min === undefined && max === undefined) {
      throw new AppError("invalid", `The check '${check.name}' needs a min, a max or both.`, {
        at: "checks",
      });
    }
    if (typeof min === "number" && typeof max === "number" && min > max) {
      throw new AppError("invalid", `The check '${check.name}' has a min above its max.`, { at: "checks" });
    }
  }
}

function withWords(row: DatasetRow): DatasetRow {
  const tags = Object.entries(JSON.parse(row.tags) as Record<string, string>).flat();
  const words = [row.name, row.owner, ...tags, row.description].join(" ").toLowerCase();
  return { ...row, words: words.slice(0, WORDS_CHARACTERS_MAX) };
}
