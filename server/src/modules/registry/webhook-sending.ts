import type { ProjectSettings } from "@atrium/contract/projects";
import { seal, unseal } from "#lib/seal";
import {
  afterTry,
  type Inside,
  type Resolve,
  type Sent,
  sendAllDue,
  sendWebhook,
  sentNothing,
} from "#lib/webhook";
import { SYSTEM } from "#modules/identity";
import type { RegistryDeps } from "./deps.ts";
import type { DeliveryRow, WebhookRow } from "./tables.ts";
import * as queries from "./webhook-queries.ts";

type SendingDeps = Pick<
  RegistryDeps,
  "db" | "clock" | "events" | "projects" | "ownAddress" | "webhookHeaders"
>;

/** Sends what waits, at least once each; what a kill leaves unsent, or sent and unwritten, is sent again. */
export function createWebhookSending(deps: SendingDeps, resolve?: Resolve) {
  const { db, clock, events, projects, ownAddress, webhookHeaders } = deps;
  return { sendDue, sendNow, insideOf };

  async function sendDue(signal: AbortSignal): Promise<void> {
    await sendAllDue(signal, {
      due: (most) => queries.dueDeliveries(db.reader, clock.now(), most),
      send: sendOne,
    });
  }

  async function sendOne(row: DeliveryRow): Promise<void> {
    const after = afterTry(row, await trySending(row), clock.now());
    await db.transaction(async (tx) => {
      const changed = await queries.changeDelivery(tx, row, after);
      if (!changed || after.state === "pending") return;
      await events.announce(tx, {
        kind: `model-webhook-delivery.${after.state}`,
        projectId: row.project_id,
        key: row.id,
        body: { id: row.id, webhookId: row.webhook_id, event: row.event, attempts: after.attempts },
      });
    });
  }

  async function trySending(row: DeliveryRow): Promise<Sent> {
    const webhook = await queries.webhookById(db.reader, row.project_id, row.webhook_id);
    if (webhook === undefined) return { outcome: "never", error: "The webhook is gone." };
    if (webhook.state === "disabled") return { outcome: "never", error: "The webhook is switched off." };
    const { id, event, created_ms: atMs } = row;
    return sendNow(webhook, { id, event, atMs, data: JSON.parse(row.body) as object }).catch(sentNothing);
  }

  /** One try of one message. */
  async function sendNow(
    webhook: WebhookRow,
    { id, event, atMs, data }: { id: string; event: string; atMs: number; data: object },
  ): Promise<Sent> {
    const [entity, action] = event.split(".");
    const { slug, settings } = await projects.get(SYSTEM, webhook.project_id);
    const body = { entity, action, timestamp: new Date(atMs).toISOString(), data, workspace: slug };
    const secret = webhook.secret === null ? undefined : await openSecret(webhook, webhook.secret);
    const message = { id, url: webhook.url, secret, body: JSON.stringify(body), atMs: clock.now() };
    return sendWebhook({ ...message, headers: webhookHeaders, ...insideBy(settings) }, resolve);
  }

  /** Where inside the project's webhooks may lead. */
  async function insideOf(projectId: string): Promise<Inside> {
    return insideBy((await projects.get(SYSTEM, projectId)).settings);
  }

  function insideBy({ privateWebhookHosts = [] }: ProjectSettings): Inside {
    return { privateHosts: privateWebhookHosts, own: ownAddress?.() };
  }

  async function openSecret(of: WebhookRow, sealed: Buffer): Promise<string> {
    return unseal(await projects.keys.keyOf(of.project_id), sealed, contextOf(of.id)).toString();
  }
}

export async function sealSecret(
  { keys }: Pick<RegistryDeps["projects"], "keys">,
  of: Pick<WebhookRow, "id" | "project_id">,
  secret: string,
): Promise<Buffer> {
  return seal(await keys.keyOf(of.project_id), Buffer.from(secret), contextOf(of.id));
}

function contextOf(webhookId: string): string {
  return `registry-webhook:${webhookId}`;
}
