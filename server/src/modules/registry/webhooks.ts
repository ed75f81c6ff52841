import type { ModelWebhook, WebhookDelivery, WebhookEvent, WebhookTest } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import { webhookProblem } from "#lib/webhook";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { RegistryDeps } from "./deps.ts";
import type { NewWebhook, PageAsked, WebhookAt, WebhookChanges, Webhooks } from "./door.ts";
import type { DeliveryRow, WebhookRow } from "./tables.ts";
import { exampleOf } from "./webhook-examples.ts";
import { WEBHOOKS_MAX } from "./webhook-news.ts";
import * as queries from "./webhook-queries.ts";
import { type createWebhookSending, sealSecret } from "./webhook-sending.ts";

const NAME = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;

/**
 * Addresses that are told of changes of models and prompts. All of it asks for `model:promote`: an address is told what
 * its maker may read, and may itself hold a secret.
 */
export function createWebhooks(
  deps: RegistryDeps,
  sending: Pick<ReturnType<typeof createWebhookSending>, "sendNow" | "insideOf">,
): Webhooks {
  const { db, clock, access, audit, events, projects } = deps;
  return { list, get, create, update, delete: remove, test, deliveries };

  async function list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<ModelWebhook>> {
    await admit(actor, projectId);
    const resource = { type: "project", id: projectId };
    await audit.recordAccess(actor, { action: "model-webhook.searched", resource, projectId });
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["model webhooks", projectId],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.webhookPage(db.reader, projectId, { before: after && String(after[0]), limit }),
      show: (rows) => rows.map(showWebhook),
      position: (row) => [row.id],
    });
  }

  async function get(actor: Actor, at: WebhookAt): Promise<ModelWebhook> {
    return showWebhook(await read(actor, at));
  }

  async function create(actor: Actor, projectId: string, given: NewWebhook): Promise<ModelWebhook> {
    await admit(actor, projectId);
    await check(projectId, given);
    const { name, url, description = "", state = "active", secret = "" } = given;
    const id = newId();
    const nowMs = clock.now();
    const row: WebhookRow = {
      ...{ id, project_id: projectId, name, url, description, state },
      events: JSON.stringify([...new Set(given.events)]),
      secret: secret === "" ? null : await sealSecret(projects, { id, project_id: projectId }, secret),
      created_by: actor.name,
      created_ms: nowMs,
      updated_ms: nowMs,
    };
    await db.transaction(async (tx) => {
      await tx.serialize(`registry.webhooks.${projectId}`);
      if ((await queries.webhooksOf(tx, projectId, WEBHOOKS_MAX)).length === WEBHOOKS_MAX)
        throw new AppError("exhausted", `A project has at most ${WEBHOOKS_MAX} webhooks; delete some.`);
      await queries.addWebhook(tx, row);
      await tell(tx, actor, { action: "model-webhook.created", row });
    });
    return showWebhook(row);
  }

  async function update(actor: Actor, at: WebhookAt, given: WebhookChanges): Promise<ModelWebhook> {
    await admit(actor, at.projectId);
    await check(at.projectId, given);
    const { events: wanted, secret, ...plain } = given;
    const of = { id: at.webhook, project_id: at.projectId };
    const sealed = secret === undefined || secret === "" ? null : await sealSecret(projects, of, secret);
    return db.transaction(async (tx) => {
      const before = found(await queries.webhookById(tx, at.projectId, at.webhook), at);
      const row: WebhookRow = {
        ...before,
        ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
        ...(wanted === undefined ? {} : { events: JSON.stringify([...new Set(wanted)]) }),
        ...(secret === undefined ? {} : { secret: sealed }),
        updated_ms: clock.now(),
      };
      const { id, project_id, ...changes } = row;
      await queries.changeWebhook(tx, id, changes);
      await tell(tx, actor, { action: "model-webhook.updated", row });
      return showWebhook(row);
    });
  }

  async function remove(actor: Actor, at: WebhookAt): Promise<void> {
    await admit(actor, at.projectId);
    await db.transaction(async (tx) => {
      const row = found(await queries.webhookById(tx, at.projectId, at.webhook), at);
      await queries.removeWebhook(tx, row.id);
      await tell(tx, actor, { action: "model-webhook.deleted", row });
    });
  }

  /** Sends one example at once, whether it is switched on or not, and says how it went. */
  async function test(actor: Actor, at: WebhookAt, event?: WebhookEvent): Promise<WebhookTest> {
    await admit(actor, at.projectId);
    const row = await db.transaction(async (tx) => {
      const standing = found(await queries.webhookById(tx, at.projectId, at.webhook), at);
      await tell(tx, actor, { action: "model-webhook.tested", row: standing });
      return standing;
    });
    const asked = event ?? (eventsOf(row)[0] as WebhookEvent);
    const message = { id: newId(), event: asked, atMs: clock.now(), data: exampleOf(asked) };
    const sent = await sending.sendNow(row, message);
    return {
      delivered: sent.outcome === "delivered",
      ...(sent.status === undefined ? {} : { status: sent.status }),
      ...(sent.outcome === "delivered" ? {} : { error: sent.error }),
    };
  }

  async function deliveries(actor: Actor, at: WebhookAt, asked: PageAsked): Promise<Page<WebhookDelivery>> {
    const { id } = await read(actor, at);
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["deliveries of", id],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.deliveryPage(db.reader, id, { before: after && String(after[0]), limit }),
      show: (rows) => rows.map(showDelivery),
      position: (row) => [row.id],
    });
  }

  async function admit(actor: Actor, projectId: string): Promise<void> {
    await access.require(actor, "model:promote", { kind: "project", projectId });
  }

  async function read(actor: Actor, at: WebhookAt): Promise<WebhookRow> {
    await admit(actor, at.projectId);
    const row = found(await queries.webhookById(db.reader, at.projectId, at.webhook), at);
    await audit.recordAccess(actor, {
      action: "model-webhook.read",
      resource: { type: "model-webhook", id: row.id, name: row.name },
      projectId: at.projectId,
    });
    return row;
  }

  /** @throws AppError `invalid` for a name, an address or a choice of events that cannot be */
  async function check(projectId: string, given: WebhookChanges): Promise<void> {
    const { name, url, events: wanted } = given;
    if (name !== undefined && !NAME.test(name)) {
      const rule =
        "It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, " +
        "digits, dots (.), underscores (_), and hyphens (-).";
      throw new AppError("invalid", `Webhook name '${name.slice(0, 100)}' is invalid. ${rule}`, {
        at: "name",
      });
    }
    const problem = url === undefined ? undefined : webhookProblem(url, await sending.insideOf(projectId));
    if (problem !== undefined)
      throw new AppError("invalid", `Invalid webhook URL: ${problem}`, { at: "url" });
    if (wanted?.length === 0)
      throw new AppError("invalid", "Webhook events must be a non-empty list.", { at: "events" });
  }

  async function tell(tx: Tx, actor: Actor, { action, row }: { action: string; row: WebhookRow }) {
    const { id, name, project_id: projectId } = row;
    await events.announce(tx, { kind: action, projectId, key: id, body: { id, name } });
    const resource = { type: "model-webhook", id, name };
    await audit.record(tx, actor, { action, resource, projectId, details: { events: eventsOf(row) } });
  }
}

function found(row: WebhookRow | undefined, { webhook }: WebhookAt): WebhookRow {
  if (row !== undefined) return row;
  throw new AppError("not_found", `Webhook with ID ${webhook.slice(0, 100)} not found.`);
}

function eventsOf(row: WebhookRow): WebhookEvent[] {
  return JSON.parse(row.events) as WebhookEvent[];
}

function showWebhook(row: WebhookRow): ModelWebhook {
  const { id, name, description, url, state } = row;
  return {
    ...{ id, name, description, url, state },
    events: eventsOf(row),
    signed: row.secret !== null,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}

function showDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    event: row.event as WebhookEvent,
    state: row.state,
    attempts: row.attempts,
    createdMs: row.created_ms,
    ...(row.state === "pending" ? { nextMs: row.next_ms } : {}),
    ...(row.ended_ms === null ? {} : { endedMs: row.ended_ms }),
    ...(row.last_status === null ? {} : { lastStatus: row.last_status }),
    ...(row.last_error === "" ? {} : { lastError: row.last_error }),
  };
}
