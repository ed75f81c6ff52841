import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, type MountRpc, patch, post, remove } from "../rpc.ts";
import { unlessBlank } from "../translate/values.ts";
import { toEvent, toState, toWireWebhook } from "../translate/webhooks.ts";
import { missing } from "../wire/refusals.ts";
import * as wire from "../wire/webhooks.ts";
import { checkLimit, type Limit } from "./limits.ts";

const LIST: Limit = { default: 100, max: 1000, words: "type" };

/** Addresses that are told of changes in the registry. @remarks Wire format: mlflow/protos/webhooks.proto. */
export function mountWebhooks(rpc: MountRpc, { registry: { webhooks } }: MlflowDeps): void {
  rpc(
    post("/webhooks", "model:promote", wire.createWebhook),
    async ({ actor, projectId, given: { name, url, events = [], description, secret, status } }) => {
      if (events.length === 0) throw missing("events");
      const wanted = { name, url, description, secret, events: events.map(toEvent), state: toState(status) };
      return { webhook: toWireWebhook(await webhooks.create(actor, projectId, wanted)) };
    },
  );
  rpc(get("/webhooks", "model:promote", wire.listWebhooks), async ({ actor, projectId, given }) =>
    pagesAnswer({
      field: "webhooks",
      wanted: checkLimit(given.max_results, LIST),
      pageToken: unlessBlank(given.page_token),
      fetch: async (page) =>
        textPage(await webhooks.list(actor, projectId, page), (webhook) =>
          JSON.stringify(toWireWebhook(webhook)),
        ),
    }),
  );
  rpc(
    get("/webhooks/:webhook_id", "model:promote", wire.byWebhook),
    async ({ actor, projectId, given: { webhook_id: webhook } }) => ({
      webhook: toWireWebhook(await webhooks.get(actor, { projectId, webhook })),
    }),
  );
  rpc(
    patch("/webhooks/:webhook_id", "model:promote", wire.updateWebhook),
    async ({ actor, projectId, given: { webhook_id: webhook, ...given } }) => {
      const { events = [], description, secret, status } = given;
      const changed = await webhooks.update(
        actor,
        { projectId, webhook },
        {
          ...{ name: unlessBlank(given.name), url: unlessBlank(given.url), description, secret },
          // As with their server, no events are no change of them.
          events: events.length === 0 ? undefined : events.map(toEvent),
          state: toState(status),
        },
      );
      return { webhook: toWireWebhook(changed) };
    },
  );
  rpc(
    remove("/webhooks/:webhook_id", "model:promote", wire.byWebhook),
    async ({ actor, projectId, given: { webhook_id: webhook } }) => {
      await webhooks.delete(actor, { projectId, webhook });
    },
  );
  rpc(
    post("/webhooks/:webhook_id/test", "model:promote", wire.testWebhook),
    async ({ actor, projectId, given: { webhook_id: webhook, event } }) => {
      const at = { projectId, webhook };
      const tried = await webhooks.test(actor, at, event === undefined ? undefined : toEvent(event));
      const { delivered, status: response_status, error: error_message } = tried;
      // What the receiver answered is not read: it may be any server that our network reaches.
      return { result: { success: delivered, response_status, error_message } };
    },
  );
}
