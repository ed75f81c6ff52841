import type { NewTrainingSet, TrainingSet } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { DatasetTable } from "#modules/datasets";
import type { Actor } from "#modules/identity";
import type { OfflineColumn } from "#ports/offline-engine";
import { type Catalog, type LoadedService, toView } from "./catalog.ts";
import { invalid, isTime, mayBe } from "./definition.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import type { FeatureStore, PageAsked, TrainingSetTable } from "./door.ts";
import type { Gate } from "./gate.ts";
import type { Histories } from "./history.ts";
import { tooMany, WAITING_MAX } from "./materializations.ts";
import * as queries from "./queries.ts";
import { showTrainingSet } from "./show.ts";
import type { TrainingSetRow, TrainingSpec } from "./tables.ts";
import { OWN_NAMES } from "./training-sql.ts";

const FRAME_LIMITS = { timeoutMs: 60_000, rowsMax: 1 }; // Only its columns are asked for.
const FOLDER = "features";

type TrainingSets = Pick<
  FeatureStore,
  "createTrainingSet" | "trainingSet" | "trainingSets" | "trainingSetTable"
>;
interface SetAt {
  projectId: string;
  name: string;
  number: number;
}

/** Numbered training sets: asked for and checked here, built by the worker, never changed. */
export function createTrainingSets(
  deps: FeatureStoreDeps,
  gate: Gate,
  { catalog, histories }: { catalog: Catalog; histories: Histories },
): TrainingSets {
  const { db, clock, artifacts, datasets, lineage, offline } = deps;
  artifacts.registerOwner(FOLDER, refuseChanges);
  return { createTrainingSet, trainingSet, trainingSets, trainingSetTable };

  async function createTrainingSet(
    actor: Actor,
    projectId: string,
    asked: NewTrainingSet,
  ): Promise<TrainingSet> {
    await gate.admitWriter(actor, projectId);
    const service = catalog.service(projectId, asked.service, asked.serviceVersion);
    if (service === undefined) {
      const at = asked.serviceVersion === undefined ? "" : `@${asked.serviceVersion}`;
      throw invalid(`There is no feature service ${asked.service}${at}.`, "service");
    }
    const { dataset, version } = asked.entities;
    const frame = await datasets.table(actor, { projectId, name: dataset, version });
    checkFrame(asked, service, await frameColumns(frame, asked));
    const spec: TrainingSpec = {
      asked,
      serviceVersion: service.version,
      frame: { dataset, version: frame.version, digest: frame.digest },
      views: await Promise.all(
        service.parts.map(async ({ view, features }) => ({
          viewId: view.id,
          view: view.name,
          version: view.version,
          features: features.map((i) => view.features[i]?.name ?? ""),
          input: await histories.fix(actor, projectId, view.spec),
        })),
      ),
    };
    return add(actor, projectId, spec);
  }

  async function add(actor: Actor, projectId: string, spec: TrainingSpec): Promise<TrainingSet> {
    const name = spec.asked.name ?? spec.asked.service;
    return db.transaction(async (tx) => {
      await tx.serialize(`training sets ${projectId}`);
      if ((await queries.countWaiting(tx, projectId)) >= WAITING_MAX) throw tooMany();
      const row: TrainingSetRow = {
        id: newId(),
        project_id: projectId,
        name,
        number: (await queries.lastNumber(tx, projectId, name)) + 1,
        state: "queued",
        spec: JSON.stringify(spec),
        result: "",
        artifact_path: null,
        digest: null,
        size_bytes: null,
        row_count: null,
        tries: 0,
        error: null,
        created_by: actor.name,
        created_ms: clock.now(),
        ended_ms: null,
      };
      await queries.addTrainingSet(tx, row);
      const { jobId } = actor.via;
      if (jobId !== undefined) {
        // A job asks for a set to use it: what the job makes then comes from the set.
        const to = { type: "training-set", id: name, version: String(row.number) };
        await lineage.link(tx, { projectId, from: { type: "job", id: jobId }, relation: "consumed", to });
      }
      const thing = { type: "training-set" as const, id: name, name: `${name} ${row.number}` };
      const details = { number: row.number, service: spec.asked.service };
      await gate.tell(tx, actor, { action: "training-set.queued", projectId, thing, details });
      return showTrainingSet(row);
    });
  }

  /** The engine's own answer, so that a statement which does not run is refused before anything is queued. */
  async function frameColumns(
    frame: DatasetTable,
    { entities: { sql } }: NewTrainingSet,
  ): Promise<readonly OfflineColumn[]> {
    if (sql === undefined) return frame.columns;
    const work = { tables: { dataset: frame.table }, sql: `select * from (\n${sql}\n) limit 0` };
    try {
      return (await offline.query(work, FRAME_LIMITS)).columns;
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "invalid")
        throw invalid(thrown.message, "entities.sql");
      throw thrown;
    }
  }

  async function trainingSet(actor: Actor, at: SetAt): Promise<TrainingSet> {
    return showTrainingSet(await admitted(actor, at));
  }

  async function admitted(actor: Actor, at: SetAt): Promise<TrainingSetRow> {
    const { projectId, name, number } = at;
    await gate.admitReader(actor, projectId, { type: "training-set", id: name, name: `${name} ${number}` });
    const row = await queries.trainingSet(db.reader, at);
    if (row !== undefined) return row;
    throw new AppError("not_found", `There is no training set ${name} ${number}.`);
  }

  async function trainingSets(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { name?: string | undefined },
  ): Promise<Page<TrainingSet>> {
    await gate.admitReader(actor, projectId, { type: "project", id: projectId, name: "" });
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["training sets", projectId, asked.name ?? ""],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.trainingSetPage(
          db.reader,
          { project_id: projectId, name: asked.name },
          { after: after === undefined ? undefined : String(after[0]), limit },
        ),
      show: (rows) => rows.map(showTrainingSet),
      position: ({ id }) => [id],
    });
  }

  async function trainingSetTable(actor: Actor, at: SetAt): Promise<TrainingSetTable> {
    const row = await admitted(actor, at);
    const set = showTrainingSet(row);
    const { artifactPath, digest, sizeBytes } = set;
    if (artifactPath === undefined || digest === undefined || sizeBytes === undefined) {
      throw new AppError("conflict", `Training set ${at.name} ${at.number} is ${row.state}, not finished.`);
    }
    const columns = set.columns.map(({ name, type }) => ({ name, type }));
    return { set, columns, table: histories.file(at.projectId, artifactPath, { digest, sizeBytes }) };
  }

  /** What is finished stays as it is, whoever may write artifacts. */
  async function refuseChanges(
    projectId: string,
    path: string,
    permission: "artifact:read" | "artifact:write" | "artifact:delete",
  ) {
    const place = { kind: "project", projectId } as const;
    if (permission === "artifact:read") return place;
    const id = /^features\/(?:training-sets|segments)\/([^/]+)/.exec(path)?.[1] ?? "";
    const isOurs = permission === "artifact:write" && (await isUnfinished(projectId, id));
    if (isOurs) return place;
    throw new AppError("forbidden", "Files of the feature store are never changed by hand.");
  }

  async function isUnfinished(projectId: string, id: string): Promise<boolean> {
    if (deps.writing.has(id)) return true;
    return (await queries.stateOfFiles(db.reader, projectId, id)) === "running";
  }
}

/** The frame must have the keys and the time, and no name that a feature will take. */
function checkFrame(
  { entities: { timestampColumn }, names }: NewTrainingSet,
  service: LoadedService,
  columns: readonly OfflineColumn[],
): void {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const own = columns.find(({ name }) => OWN_NAMES.has(name));
  if (own !== undefined) throw invalid(`Call the column ${own.name} something else.`, "entities");
  const time = types.get(timestampColumn);
  if (time === undefined)
    throw invalid(`The entity rows have no column ${timestampColumn}.`, "entities.timestampColumn");
  if (!isTime(time))
    throw invalid(`Column ${timestampColumn} is ${time}, not a time.`, "entities.timestampColumn");
  for (const { name, type } of service.shape.joinKeys) {
    const found = types.get(name);
    if (found === undefined) throw invalid(`The entity rows have no join key ${name}.`, "entities");
    if (!mayBe(found, type)) throw invalid(`Join key ${name} is ${found}, not ${type}.`, "entities");
  }
  const taken = new Set(types.keys());
  for (const { name, view } of service.shape.features) {
    const column = columnName({ name, view }, names);
    if (taken.has(column)) {
      throw invalid(`Column ${column} would be there twice; ask for full names, or rename it.`, "names");
    }
    taken.add(column);
  }
}

/** What a feature is called in a training set. */
export function columnName(
  { name, view }: { name: string; view: string },
  names: NewTrainingSet["names"],
): string {
  return names === "full" ? `${view}__${name}` : name;
}

/** @throws AppError `invalid` when a version of a view is gone */
export async function viewOf(tx: Parameters<typeof queries.definitionById>[0], id: string) {
  const row = await queries.definitionById(tx, id);
  if (row === undefined) throw new AppError("invalid", "A feature view of this training set is gone.");
  return toView(row);
}
