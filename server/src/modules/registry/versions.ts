import type { ModelVersion } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { Aliases } from "./aliases.ts";
import type { RegistryDeps } from "./deps.ts";
import type {
  ModelAt,
  ModelVersions,
  NewVersion,
  PageAsked,
  RegistrySearch,
  TagChanges,
  VersionAt,
} from "./door.ts";
import { type Gate, missingModel, missingVersion } from "./gate.ts";
import {
  checkArchiving,
  checkDescription,
  checkTags,
  checkText,
  stageOf,
  TAGS_MAX,
  withRegistration,
} from "./model.ts";
import type { Origin, Origins } from "./origins.ts";
import * as queries from "./queries.ts";
import { versionQuestion } from "./search.ts";
import * as searchQueries from "./search-queries.ts";
import type { ModelRow, VersionRow } from "./tables.ts";
import { showVersion, showVersions } from "./view.ts";
import type { WebhookNews } from "./webhook-news.ts";

const PAGE_MAX = 10_000; // What clients ask for when nobody says how many.
const RUN_LINK_CHARS_MAX = 2000;

/** Versions of registered models: numbers that are given once, and what they stand for. */
export function createVersions(
  deps: RegistryDeps,
  gate: Gate,
  { aliases, origins, news }: { aliases: Pick<Aliases, "withdraw">; origins: Origins; news: WebhookNews },
): ModelVersions {
  const { db, clock, lineage, tracking, clientTags } = deps;
  return { create, get, list, search, update, delete: remove, moveToStage };

  async function create(actor: Actor, at: ModelAt, given: NewVersion): Promise<ModelVersion> {
    const { id } = await gate.admit(actor, "model:write", at);
    const { description = "", tags = {}, runLink = "" } = given;
    checkDescription(description);
    checkTags(tags);
    checkText(runLink, "run_link", RUN_LINK_CHARS_MAX);
    const origin = await origins.of(actor, at.projectId, given);
    return db.transaction(async (tx) => {
      const model = (await queries.modelToChange(tx, id)) ?? fail(missingModel(at));
      const nowMs = clock.now();
      const row: VersionRow = {
        model_id: id,
        version: model.last_version + 1,
        project_id: model.project_id,
        description,
        stage: "None",
        source: given.source,
        artifact_path: origin.artifactPath ?? "",
        run_id: origin.runId ?? "",
        logged_model_id: origin.loggedModelId ?? "",
        run_link: runLink,
        created_by: actor.name,
        created_ms: nowMs,
        updated_ms: nowMs,
      };
      await queries.addVersion(tx, row);
      await changeTags(tx, row, tags);
      const counts = { last_version: row.version, versions: model.versions + 1 };
      await queries.changeModel(tx, id, { ...counts, updated_ms: nowMs });
      await draw(tx, { model, row, origin });
      await gate.tell(tx, actor, {
        action: "model-version.created",
        model,
        version: row.version,
        details: { ...(origin.runId === undefined ? {} : { runId: origin.runId }) },
      });
      await news.versionCreated(tx, { model, row, tags });
      return showVersion(tx, model.name, row);
    });
  }

  /** Says in lineage, and on the logged model, where the version came from. */
  async function draw(
    tx: Tx,
    { model, row, origin }: { model: ModelRow; row: VersionRow; origin: Origin },
  ): Promise<void> {
    const projectId = model.project_id;
    const self = { type: "model-version", id: model.name, version: String(row.version) };
    const { runId, loggedModelId, copyOf } = origin;
    if (runId !== undefined) {
      await lineage.link(tx, { projectId, from: { type: "run", id: runId }, relation: "produced", to: self });
    }
    if (copyOf !== undefined) {
      const to = { type: "model-version", id: copyOf.name, version: String(copyOf.version) };
      await lineage.link(tx, { projectId, from: self, relation: "derived", to });
    }
    if (loggedModelId === undefined) return;
    const to = { type: "logged-model", id: loggedModelId };
    await lineage.link(tx, { projectId, from: self, relation: "derived", to });
    const registered = { name: model.name, version: row.version };
    await tracking.loggedModels.changeTag(
      tx,
      { projectId, modelId: loggedModelId, key: clientTags.registeredAs },
      (before) => withRegistration(before, registered),
    );
  }

  async function get(actor: Actor, at: VersionAt): Promise<ModelVersion> {
    const model = await gate.admit(actor, "model:read", at);
    const row = await queries.versionOf(db.reader, { model_id: model.id, version: at.version });
    return showVersion(db.reader, model.name, row ?? fail(missingVersion(at)));
  }

  async function list(actor: Actor, at: ModelAt, asked: PageAsked): Promise<Page<ModelVersion>> {
    const model = await gate.admit(actor, "model:read", at);
    return keysetPage({
      pageSize: Math.min(asked.pageSize, PAGE_MAX),
      pageToken: asked.pageToken,
      question: ["versions of", model.id],
      kinds: ["whole"],
      rows: (after, limit) => {
        const before = after?.[0];
        const part = { before: before === undefined ? undefined : Number(before), limit };
        return searchQueries.versionsOfModel(db.reader, model.id, part);
      },
      show: (rows) =>
        showVersions(
          db.reader,
          rows.map((row) => ({ ...row, name: model.name })),
        ),
      position: (row) => [row.version],
    });
  }

  async function search(actor: Actor, projectId: string, asked: RegistrySearch): Promise<Page<ModelVersion>> {
    const question = versionQuestion(asked, clientTags.prompt);
    return keysetPage({
      pageSize: Math.min(asked.pageSize, PAGE_MAX),
      pageToken: asked.pageToken,
      question: ["versions", projectId, asked.filter ?? "", question.order],
      kinds: searchQueries.versionPositionKinds(question.order),
      rows: async (after, limit) => {
        const visible = await gate.visible(actor, projectId);
        if (!visible.all && visible.ids.length === 0) return [];
        const parts = { projectId, question, promptTag: clientTags.prompt, visible, after, limit };
        return searchQueries.versionPage(db.longReader, parts);
      },
      show: (rows) => showVersions(db.reader, rows),
      position: (row) => searchQueries.versionPosition(row, question.order),
    });
  }

  async function update(
    actor: Actor,
    at: VersionAt,
    changes: { description?: string | undefined; tags?: TagChanges | undefined },
  ): Promise<ModelVersion> {
    const { description, tags = {} } = changes;
    const admitted = await gate.admit(actor, "model:write", at);
    if (description !== undefined) checkDescription(description);
    checkTags(tags);
    return db.transaction(async (tx) => {
      const { model, row } = await toChange(tx, admitted.id, at);
      const changed = description === undefined ? row : { ...row, description, updated_ms: clock.now() };
      await queries.changeVersion(tx, row, {
        description: changed.description,
        updated_ms: changed.updated_ms,
      });
      await changeTags(tx, row, tags);
      await gate.tell(tx, actor, {
        action: "model-version.updated",
        model,
        version: row.version,
        details: { described: description !== undefined, tags: Object.keys(tags).slice(0, 20) },
      });
      await news.versionTagged(tx, { model, version: row.version, changes: tags });
      return showVersion(tx, model.name, changed);
    });
  }

  async function remove(actor: Actor, at: VersionAt): Promise<void> {
    const admitted = await gate.admit(actor, "model:delete", at);
    await db.transaction(async (tx) => {
      const { model, row } = await toChange(tx, admitted.id, at);
      await aliases.withdraw(tx, actor, { model, version: row.version });
      await queries.removeVersion(tx, row);
      await queries.changeModel(tx, model.id, { versions: model.versions - 1, updated_ms: clock.now() });
      const thing = { type: "model-version", id: model.name, version: String(row.version) };
      await lineage.unlink(tx, model.project_id, thing);
      await gate.tell(tx, actor, { action: "model-version.deleted", model, version: row.version });
    });
  }

  async function moveToStage(
    actor: Actor,
    at: VersionAt,
    move: { stage: string; others: "kept" | "archived" },
  ): Promise<ModelVersion> {
    const admitted = await gate.admit(actor, "model:promote", at);
    const stage = stageOf(move.stage);
    if (move.others === "archived") checkArchiving(stage);
    return db.transaction(async (tx) => {
      const { model, row } = await toChange(tx, admitted.id, at);
      const updated_ms = clock.now();
      const moved = { ...row, stage, updated_ms };
      const archived = move.others === "archived" ? await queries.archiveOthers(tx, moved, updated_ms) : 0;
      await queries.changeVersion(tx, row, { stage, updated_ms });
      await queries.changeModel(tx, model.id, { updated_ms });
      const details = { from: row.stage, to: stage, archived };
      await gate.tell(tx, actor, { action: "model-version.staged", model, version: row.version, details });
      return showVersion(tx, model.name, moved);
    });
  }

  async function toChange(
    tx: Tx,
    modelId: string,
    at: VersionAt,
  ): Promise<{ model: ModelRow; row: VersionRow }> {
    const model = await queries.modelToChange(tx, modelId);
    const row = model && (await queries.versionOf(tx, { model_id: model.id, version: at.version }));
    if (model === undefined || row === undefined) throw missingVersion(at);
    return { model, row };
  }

  async function changeTags(tx: Tx, of: VersionRow, changes: TagChanges): Promise<void> {
    const { model_id, version } = of;
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) await queries.removeVersionTag(tx, of, key);
      else await queries.saveVersionTag(tx, { model_id, version, key, value });
    }
    if (Object.keys(changes).length === 0 || (await queries.countVersionTags(tx, of)) <= TAGS_MAX) return;
    throw new AppError("invalid", `A version has at most ${TAGS_MAX} tags; take some away.`, { at: "tags" });
  }
}

function fail(error: AppError): never {
  throw error;
}
