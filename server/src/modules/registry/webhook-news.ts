import type { WebhookEvent } from "@atrium/contract/registry";
import { newId } from "#lib/ids";
import { newlyDue } from "#lib/webhook";
import type { Tx } from "#ports/database";
import type { RegistryDeps } from "./deps.ts";
import type { TagChanges } from "./door.ts";
import * as queries from "./queries.ts";
import type { DeliveryRow, ModelRow, VersionRow } from "./tables.ts";
import * as webhooks from "./webhook-queries.ts";

export const WEBHOOKS_MAX = 100; // Of a project: each change asks all of them whether they want to hear of it.

type Tags = Readonly<Record<string, string>>;
type OfModel = Pick<ModelRow, "id" | "project_id" | "name">;

/** Writes down what webhooks are to be told, in the transaction that causes it; the worker sends it. */
export interface WebhookNews {
  modelCreated(tx: Tx, model: ModelRow, tags: Tags): Promise<void>;
  versionCreated(tx: Tx, of: { model: OfModel; row: VersionRow; tags: Tags }): Promise<void>;
  /** Of a model nobody asks to be told of; of a prompt they may. */
  modelTagged(tx: Tx, model: OfModel, changes: TagChanges): Promise<void>;
  versionTagged(tx: Tx, of: { model: OfModel; version: number; changes: TagChanges }): Promise<void>;
  /** `to` is null when the alias is gone. */
  aliasMoved(tx: Tx, of: { model: OfModel; alias: string; to: number | null }): Promise<void>;
}

/** Something that happened, as the one or the other kind of thing has it. */
interface Happening {
  ofModel?: WebhookEvent;
  ofPrompt: WebhookEvent;
  data: object;
}

/** Payloads are those that the clients of `webhookHeaders` read. */
export function createWebhookNews({
  clock,
  clientTags,
}: Pick<RegistryDeps, "clock" | "clientTags">): WebhookNews {
  return { modelCreated, versionCreated, modelTagged, versionTagged, aliasMoved };

  async function modelCreated(tx: Tx, model: ModelRow, tags: Tags): Promise<void> {
    const { name, description } = model;
    await tell(tx, model, (prompt) => [
      {
        ofModel: "registered_model.created",
        ofPrompt: "prompt.created",
        data: { name, tags: prompt ? withoutMarks(tags) : tags, description: description || null },
      },
    ]);
  }

  async function versionCreated(
    tx: Tx,
    { model, row, tags }: { model: OfModel; row: VersionRow; tags: Tags },
  ): Promise<void> {
    const { [clientTags.promptText]: template = null, ...others } = withoutMarks(tags);
    const same = { name: model.name, version: String(row.version), description: row.description || null };
    await tell(tx, model, (prompt) => [
      {
        ofModel: "model_version.created",
        ofPrompt: "prompt_version.created",
        data: prompt
          ? { ...same, template, tags: others }
          : { ...same, source: row.source, run_id: row.run_id || null, tags },
      },
    ]);
  }

  async function modelTagged(tx: Tx, model: OfModel, changes: TagChanges): Promise<void> {
    await tell(tx, model, () =>
      Object.entries(changes).map(([key, value]) =>
        value === null
          ? { ofPrompt: "prompt_tag.deleted", data: { name: model.name, key } }
          : { ofPrompt: "prompt_tag.set", data: { name: model.name, key, value } },
      ),
    );
  }

  async function versionTagged(
    tx: Tx,
    { model, version, changes }: { model: OfModel; version: number; changes: TagChanges },
  ): Promise<void> {
    const of = { name: model.name, version: String(version) };
    await tell(tx, model, () =>
      Object.entries(changes).map(([key, value]) =>
        value === null
          ? {
              ofModel: "model_version_tag.deleted",
              ofPrompt: "prompt_version_tag.deleted",
              data: { ...of, key },
            }
          : {
              ofModel: "model_version_tag.set",
              ofPrompt: "prompt_version_tag.set",
              data: { ...of, key, value },
            },
      ),
    );
  }

  async function aliasMoved(
    tx: Tx,
    { model, alias, to }: { model: OfModel; alias: string; to: number | null },
  ): Promise<void> {
    const of = { name: model.name, alias };
    await tell(tx, model, () => [
      to === null
        ? { ofModel: "model_version_alias.deleted", ofPrompt: "prompt_alias.deleted", data: of }
        : {
            ofModel: "model_version_alias.created",
            ofPrompt: "prompt_alias.created",
            data: { ...of, version: String(to) },
          },
    ]);
  }

  async function tell(
    tx: Tx,
    model: OfModel,
    happenings: (isPrompt: boolean) => readonly Happening[],
  ): Promise<void> {
    const all = await webhooks.webhooksOf(tx, model.project_id, WEBHOOKS_MAX);
    const listening = all.filter(({ state }) => state === "active");
    if (listening.length === 0) return;
    const isPrompt = await isMarked(tx, model.id);
    const rows: DeliveryRow[] = [];
    for (const { ofModel, ofPrompt, data } of happenings(isPrompt)) {
      const event = isPrompt ? ofPrompt : ofModel;
      for (const { id, project_id, events } of listening) {
        if (event === undefined || !(JSON.parse(events) as string[]).includes(event)) continue;
        rows.push(newDelivery({ webhook_id: id, project_id, event, body: JSON.stringify(data) }));
      }
    }
    await webhooks.addDeliveries(tx, rows);
  }

  async function isMarked(tx: Tx, modelId: string): Promise<boolean> {
    const tags = await queries.modelTags(tx, [modelId]);
    return tags.some(({ key, value }) => key === clientTags.prompt && value === "true");
  }

  /** Without the tags that only say what it is. */
  function withoutMarks(tags: Tags): Record<string, string> {
    const marks: string[] = [clientTags.prompt, clientTags.promptType];
    return Object.fromEntries(Object.entries(tags).filter(([key]) => !marks.includes(key)));
  }

  function newDelivery(of: Pick<DeliveryRow, "webhook_id" | "project_id" | "event" | "body">): DeliveryRow {
    return {
      ...of,
      id: newId(),
      ...newlyDue(clock.now()),
    };
  }
}
