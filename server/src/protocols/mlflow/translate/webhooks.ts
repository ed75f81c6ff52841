import { type ModelWebhook, type WebhookEvent, webhookEvent } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import type { WireWebhook } from "../wire/webhooks.ts";
import { unlessBlank } from "./values.ts";

export function toWireWebhook(webhook: ModelWebhook): WireWebhook {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    description: unlessBlank(webhook.description),
    url: webhook.url,
    events: webhook.events.map((event) => {
      const [entity = "", action = ""] = event.toUpperCase().split(".");
      return { entity, action };
    }),
    status: webhook.state === "active" ? "ACTIVE" : "DISABLED",
    creation_timestamp: webhook.createdMs,
    last_updated_timestamp: webhook.updatedMs,
  };
}

/** @throws AppError `invalid` for what never happens here */
export function toEvent({ entity, action }: { entity: string; action: string }): WebhookEvent {
  const event = webhookEvent.safeParse(`${entity}.${action}`.toLowerCase());
  if (event.success) return event.data;
  const known = webhookEvent.options.join(", ");
  throw new AppError(
    "invalid",
    `Invalid action '${action}' for entity '${entity}'. This server tells of: ${known}.`,
    { at: "events" },
  );
}

export function toState(status: WireWebhook["status"] | undefined): ModelWebhook["state"] | undefined {
  if (status === undefined) return undefined;
  return status === "ACTIVE" ? "active" : "disabled";
}
