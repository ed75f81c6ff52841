import type { Materialization } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { FeatureStoreDeps } from "./deps.ts";
import type { DefinitionAt, FeatureStore, PageAsked } from "./door.ts";
import type { Gate } from "./gate.ts";
import type { Histories } from "./history.ts";
import * as queries from "./queries.ts";
import { showMaterialization } from "./show.ts";
import type { HistoryInput, MaterializationInputs, MaterializationRow, ViewSpec } from "./tables.ts";
import { featuresOf, isWindowed } from "./window.ts";

export const WAITING_MAX = 100; // Of a project: each is minutes of a worker.

type Materializations = Pick<FeatureStore, "materialize" | "materialization" | "materializations">;

/** What was asked to be brought online, and how far it is. */
export function createMaterializations(
  deps: FeatureStoreDeps,
  gate: Gate,
  histories: Histories,
): Materializations {
  const { db, clock } = deps;
  return { materialize, materialization, materializations };

  async function materialize(
    actor: Actor,
    at: DefinitionAt,
    asked: { asOfMs?: number | undefined; mode: Materialization["mode"] },
  ): Promise<Materialization> {
    const { projectId, name } = at;
    await gate.admitWriter(actor, projectId);
    const named = { project_id: projectId, kind: "view" as const, name };
    const view = await queries.definition(db.reader, named, at.version);
    if (view === undefined) {
      throw new AppError("not_found", `There is no feature view ${name}.`, { reason: "feature-view" });
    }
    const nowMs = clock.now();
    const asOfMs = asked.asOfMs ?? nowMs;
    if (asOfMs > nowMs) {
      throw new AppError("invalid", "Values cannot be those of a time to come.", { at: "body.asOfMs" });
    }
    const spec = JSON.parse(view.spec) as ViewSpec;
    const input = await histories.fix(actor, projectId, spec);
    const last = asked.mode === "full" ? undefined : await queries.lastMaterialized(db.reader, view.id);
    const step = stepFrom(spec, { input, asOfMs }, last);
    const row: MaterializationRow = {
      id: newId(),
      project_id: projectId,
      view_id: view.id,
      view_name: view.name,
      view_version: view.version,
      state: "queued",
      mode: step === undefined ? "full" : "incremental",
      as_of_ms: asOfMs,
      from_ms: step?.fromMs ?? null,
      inputs: JSON.stringify({ ...input, arrived: step?.arrived ?? [] } satisfies MaterializationInputs),
      parts_done: 0,
      parts: null,
      rows_read: 0,
      rows_written: 0,
      tries: 0,
      error: null,
      created_by: actor.name,
      created_ms: nowMs,
      started_ms: null,
      ended_ms: null,
    };
    return db.transaction(async (tx) => {
      if ((await queries.countWaiting(tx, projectId)) >= WAITING_MAX) throw tooMany();
      await queries.addMaterialization(tx, row);
      const thing = { type: "feature-view" as const, id: name, name: `${name}@${view.version}` };
      const details = { materializationId: row.id, asOfMs, mode: row.mode };
      await gate.tell(tx, actor, { action: "feature.materialization.queued", projectId, thing, details });
      return showMaterialization(row);
    });
  }

  async function materialization(actor: Actor, projectId: string, id: string): Promise<Materialization> {
    await gate.admitReader(actor, projectId, { type: "project", id: projectId, name: "" });
    const row = await queries.materialization(db.reader, projectId, id);
    if (row === undefined) throw new AppError("not_found", `There is no materialization ${id}.`);
    return showMaterialization(row);
  }

  async function materializations(
    actor: Actor,
    { projectId, name }: DefinitionAt,
    asked: PageAsked,
  ): Promise<Page<Materialization>> {
    await gate.admitReader(actor, projectId, { type: "feature-view", id: name, name });
    return keysetPage({
      ...asked,
      pageToken: asked.pageToken,
      question: ["materializations", projectId, name],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.materializationPage(
          db.reader,
          { project_id: projectId, view_name: name },
          { after: after === undefined ? undefined : String(after[0]), limit },
        ),
      show: (rows) => rows.map(showMaterialization),
      position: ({ id }) => [id],
    });
  }
}

/**
 * What an incremental run has to read: rows of a time after the last run's, and pushed rows of any time that arrived since.
 * Windows move with time, and another dataset version may differ anywhere: then there is no step, and all is read.
 */
function stepFrom(
  spec: ViewSpec,
  now: { input: HistoryInput; asOfMs: number },
  last: Pick<MaterializationRow, "as_of_ms" | "inputs"> | undefined,
): { fromMs: number; arrived: string[] } | undefined {
  if (last === undefined || featuresOf(spec).some(isWindowed)) return undefined;
  const before = JSON.parse(last.inputs) as MaterializationInputs;
  if (before.digest !== now.input.digest || before.version !== now.input.version) return undefined;
  if (now.asOfMs < last.as_of_ms) return undefined;
  const known = new Set(before.segments);
  return { fromMs: last.as_of_ms, arrived: now.input.segments.filter((id) => !known.has(id)) };
}

export function tooMany(): AppError {
  return new AppError("exhausted", `${WAITING_MAX} runs of this project wait already; try again later.`, {
    retryAfterSeconds: 60,
  });
}
