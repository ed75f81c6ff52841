import type { AliasMove, ModelVersion } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import * as aliasQueries from "./alias-queries.ts";
import type { RegistryDeps } from "./deps.ts";
import type { AliasAt, ModelAt, PageAsked, Registry } from "./door.ts";
import { type Gate, missingModel, missingVersion } from "./gate.ts";
import { checkAlias, checkNewAlias, isLatest, STAGES, stageOf } from "./model.ts";
import * as queries from "./queries.ts";
import type { AliasMoveRow, ModelRow } from "./tables.ts";
import { showMove, showVersion, showVersions } from "./view.ts";
import type { WebhookNews } from "./webhook-news.ts";

const ALIASES_MAX = 1000; // Of one model: all of them come with it, on every page that shows it.

type OfRegistry = "setAlias" | "deleteAlias" | "versionByAlias" | "aliasHistory" | "latestVersions";

export interface Aliases extends Pick<Registry, OfRegistry> {
  /** Takes away the aliases of a version that is about to go. */
  withdraw(tx: Tx, actor: Actor, of: { model: ModelRow; version: number }): Promise<void>;
}

/** Words for versions that move, with every move they made; and the words that move by themselves. */
export function createAliases({ db, clock }: RegistryDeps, gate: Gate, news: WebhookNews): Aliases {
  return { setAlias, deleteAlias, versionByAlias, aliasHistory, latestVersions, withdraw };

  async function setAlias(actor: Actor, at: AliasAt, version: number): Promise<void> {
    const { projectId, name, alias } = at;
    const admitted = await gate.admit(actor, "model:promote", { projectId, name, version });
    checkNewAlias(alias);
    await db.transaction(async (tx) => {
      const model = await queries.modelToChange(tx, admitted.id);
      const row = model && (await queries.versionOf(tx, { model_id: model.id, version }));
      if (model === undefined || row === undefined) throw missingVersion({ name, version });
      const before = await aliasQueries.aliasOf(tx, model.id, alias);
      if (before?.version === version) return;
      await aliasQueries.saveAlias(tx, { model_id: model.id, alias, version });
      if (before === undefined) await assertRoom(tx, model.id);
      await move(tx, actor, { model, alias, from: before?.version ?? null, to: version });
    });
  }

  async function deleteAlias(actor: Actor, at: AliasAt): Promise<void> {
    const admitted = await gate.admit(actor, "model:promote", at);
    checkAlias(at.alias);
    await db.transaction(async (tx) => {
      const model = await queries.modelToChange(tx, admitted.id);
      if (model === undefined) throw missingModel(at);
      const before = await aliasQueries.aliasOf(tx, model.id, at.alias);
      if (before === undefined) return;
      await aliasQueries.removeAlias(tx, model.id, at.alias);
      await move(tx, actor, { model, alias: at.alias, from: before.version, to: null });
    });
  }

  async function withdraw(
    tx: Tx,
    actor: Actor,
    { model, version }: { model: ModelRow; version: number },
  ): Promise<void> {
    for (const { alias, version: from } of await aliasQueries.aliasesOf(tx, [model.id])) {
      if (from !== version) continue;
      await aliasQueries.removeAlias(tx, model.id, alias);
      await move(tx, actor, { model, alias, from, to: null });
    }
  }

  /** Keeps a move and tells of it. */
  async function move(
    tx: Tx,
    actor: Actor,
    { model, alias, from, to }: { model: ModelRow; alias: string; from: number | null; to: number | null },
  ): Promise<void> {
    const row: AliasMoveRow = {
      id: newId(),
      model_id: model.id,
      alias,
      from_version: from,
      to_version: to,
      at_ms: clock.now(),
      moved_by: actor.name,
    };
    await aliasQueries.addAliasMove(tx, row);
    const action = to === null ? "model-alias.deleted" : "model-alias.set";
    await gate.tell(tx, actor, { action, model, details: { alias, from, to } });
    await news.aliasMoved(tx, { model, alias, to });
  }

  async function assertRoom(tx: Tx, modelId: string): Promise<void> {
    if ((await aliasQueries.aliasesOf(tx, [modelId])).length <= ALIASES_MAX) return;
    throw new AppError("invalid", `A model has at most ${ALIASES_MAX} aliases; take some away.`, {
      at: "alias",
    });
  }

  async function versionByAlias(actor: Actor, at: AliasAt): Promise<ModelVersion> {
    const model = await gate.admit(actor, "model:read", at);
    checkAlias(at.alias);
    if (isLatest(at.alias)) {
      const newest = await queries.newestVersion(db.reader, model.id);
      if (newest !== undefined) return showVersion(db.reader, model.name, newest);
      throw new AppError("not_found", `Latest version not found for model ${at.name}.`);
    }
    const alias = await aliasQueries.aliasOf(db.reader, model.id, at.alias);
    const row = alias && (await queries.versionOf(db.reader, { model_id: model.id, version: alias.version }));
    if (row !== undefined) return showVersion(db.reader, model.name, row);
    throw new AppError("not_found", `Registered model alias ${at.alias} not found.`, { reason: "alias" });
  }

  async function aliasHistory(actor: Actor, at: ModelAt, asked: PageAsked): Promise<Page<AliasMove>> {
    const model = await gate.admit(actor, "model:read", at);
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["alias moves of", model.id],
      kinds: ["text"],
      rows: (after, limit) => {
        const before = after?.[0];
        const part = { before: before === undefined ? undefined : String(before), limit };
        return aliasQueries.aliasMoves(db.reader, model.id, part);
      },
      show: (rows) => rows.map(showMove),
      position: (row) => [row.id],
    });
  }

  async function latestVersions(
    actor: Actor,
    at: ModelAt,
    stages: readonly string[] = [],
  ): Promise<ModelVersion[]> {
    const model = await gate.admit(actor, "model:read", at);
    const wanted = stages.length === 0 ? STAGES : [...new Set(stages.map(stageOf))];
    const ids = await queries.newestOfStages(db.reader, [model.id], wanted);
    const rows = await queries.versionsAmong(db.reader, ids);
    return showVersions(
      db.reader,
      rows.map((row) => ({ ...row, name: model.name })),
    );
  }
}
