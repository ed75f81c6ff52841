import type { RegisteredModel } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { RegistryDeps } from "./deps.ts";
import type { ModelAt, NewModel, Registry, RegistrySearch, TagChanges } from "./door.ts";
import { type Gate, missingModel } from "./gate.ts";
import { checkDescription, checkName, checkTags, TAGS_MAX } from "./model.ts";
import * as queries from "./queries.ts";
import { modelQuestion } from "./search.ts";
import * as searchQueries from "./search-queries.ts";
import type { ModelRow } from "./tables.ts";
import { showModel, showModels } from "./view.ts";
import type { WebhookNews } from "./webhook-news.ts";

const PAGE_MAX = 1000; // Each model comes with four versions, and all with their tags.

type Models = Pick<Registry, "create" | "get" | "search" | "update" | "delete">;

/** Registered models: names under which versions are kept. */
export function createModels(deps: RegistryDeps, gate: Gate, news: WebhookNews): Models {
  const { db, clock, access, projects, lineage, clientTags } = deps;
  return { create, get, search, update, delete: remove };

  async function create(actor: Actor, projectId: string, given: NewModel): Promise<RegisteredModel> {
    await access.require(actor, "model:write", { kind: "project", projectId });
    const { name, description = "", tags = {} } = given;
    checkName(name);
    checkDescription(description);
    checkTags(tags);
    const nowMs = clock.now();
    const row: ModelRow = {
      id: newId(),
      project_id: projectId,
      name,
      description,
      last_version: 0,
      versions: 0,
      created_ms: nowMs,
      updated_ms: nowMs,
    };
    return unlessTaken(projectId, { name, prompt: tags[clientTags.prompt] === "true" }, async (tx) => {
      await projects.checkQuota(tx, projectId, "models", 1);
      await queries.addModel(tx, row);
      await changeTags(tx, row.id, tags);
      await gate.tell(tx, actor, { action: "model.created", model: row });
      await news.modelCreated(tx, row, tags);
      return showModel(tx, row);
    });
  }

  async function get(actor: Actor, at: ModelAt): Promise<RegisteredModel> {
    return showModel(db.reader, await gate.admit(actor, "model:read", at));
  }

  async function search(
    actor: Actor,
    projectId: string,
    asked: RegistrySearch,
  ): Promise<Page<RegisteredModel>> {
    const question = modelQuestion(asked, clientTags.prompt);
    return keysetPage({
      pageSize: Math.min(asked.pageSize, PAGE_MAX),
      pageToken: asked.pageToken,
      question: ["models", projectId, asked.filter ?? "", question.order],
      kinds: searchQueries.modelPositionKinds(question.order),
      rows: async (after, limit) => {
        const visible = await gate.visible(actor, projectId);
        if (!visible.all && visible.ids.length === 0) return [];
        const parts = { projectId, question, promptTag: clientTags.prompt, visible, after, limit };
        return searchQueries.modelPage(db.longReader, parts);
      },
      show: (rows) => showModels(db.reader, rows),
      position: (row) => searchQueries.modelPosition(row, question.order),
    });
  }

  async function update(
    actor: Actor,
    at: ModelAt,
    changes: { name?: string | undefined; description?: string | undefined; tags?: TagChanges | undefined },
  ): Promise<RegisteredModel> {
    const { id } = await gate.admit(actor, "model:write", at);
    const { name, description, tags } = changes;
    if (name !== undefined) checkName(name);
    if (description !== undefined) checkDescription(description);
    checkTags(tags ?? {});
    return unlessTaken(at.projectId, { name: name ?? at.name, prompt: false }, async (tx) => {
      const before = (await queries.modelToChange(tx, id)) ?? fail(missingModel(at));
      const row = {
        ...before,
        name: name ?? before.name,
        description: description ?? before.description,
        // A tag is about a model and no change of it, as clients know it.
        updated_ms: name === undefined && description === undefined ? before.updated_ms : clock.now(),
      };
      const { name: newName, description: newDescription, updated_ms } = row;
      await queries.changeModel(tx, id, { name: newName, description: newDescription, updated_ms });
      await changeTags(tx, id, tags ?? {});
      if (newName !== before.name) await rename(tx, actor, { before, row });
      if (description !== undefined || tags !== undefined) {
        const changed = { described: description !== undefined, tags: Object.keys(tags ?? {}).slice(0, 20) };
        await gate.tell(tx, actor, { action: "model.updated", model: row, details: changed });
        await news.modelTagged(tx, row, tags ?? {});
      }
      return showModel(tx, row);
    });
  }

  async function rename(tx: Tx, actor: Actor, { before, row }: { before: ModelRow; row: ModelRow }) {
    await queries.touchVersions(tx, row.id, row.updated_ms);
    for (const type of ["model", "model-version"]) {
      await lineage.rename(tx, row.project_id, { type, id: before.name, newId: row.name });
    }
    await gate.tell(tx, actor, { action: "model.renamed", model: row, details: { from: before.name } });
  }

  async function remove(actor: Actor, at: ModelAt): Promise<void> {
    const { id } = await gate.admit(actor, "model:delete", at);
    await db.transaction(async (tx) => {
      const row = (await queries.modelToChange(tx, id)) ?? fail(missingModel(at));
      await queries.removeModel(tx, id);
      await projects.checkQuota(tx, row.project_id, "models", -1);
      for (const type of ["model", "model-version"]) {
        await lineage.unlink(tx, row.project_id, { type, id: row.name });
      }
      const details = { versions: row.versions };
      await gate.tell(tx, actor, { action: "model.deleted", model: row, details });
    });
  }

  /** Runs a change that gives a model its name; a taken name becomes a conflict. */
  async function unlessTaken<T>(
    projectId: string,
    wanted: { name: string; prompt: boolean },
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    try {
      return await db.transaction(work);
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      const taker = await queries.modelByName(db.reader, projectId, wanted.name);
      const tags = taker === undefined ? [] : await queries.modelTags(db.reader, [taker.id]);
      const byPrompt = tags.some((tag) => tag.key === clientTags.prompt && tag.value === "true");
      throw taken(wanted.name, wordFor(wanted.prompt), wordFor(byPrompt));
    }
  }

  async function changeTags(tx: Tx, modelId: string, changes: TagChanges): Promise<void> {
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) await queries.removeModelTag(tx, modelId, key);
      else await queries.saveModelTag(tx, { model_id: modelId, key, value });
    }
    if (Object.keys(changes).length === 0 || (await queries.countModelTags(tx, modelId)) <= TAGS_MAX) return;
    throw new AppError("invalid", `A model has at most ${TAGS_MAX} tags; take some away.`, { at: "tags" });
  }
}

type Word = "Prompt" | "Registered Model";

function wordFor(prompt: boolean): Word {
  return prompt ? "Prompt" : "Registered Model";
}

function taken(name: string, wanted: Word, by: Word): AppError {
  const message =
    wanted === by
      ? `${wanted} (name=${name}) already exists.`
      : `Tried to create a ${wanted.toLowerCase()} with name '${name}', but the name is already taken by a ` +
        `${by.toLowerCase()}. A model and a prompt cannot have the same name.`;
  return new AppError("conflict", message, { at: "name", reason: "already_exists" });
}

function fail(error: AppError): never {
  throw error;
}
