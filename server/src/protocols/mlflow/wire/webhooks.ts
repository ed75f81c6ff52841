import { choice, list, message, nested, required, text, whole } from "./decode.ts";

// Numbers and names: mlflow/protos/webhooks.proto.
const ENTITIES = {
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
  BUDGET_POLICY: 10,
};
const ACTIONS = { CREATED: 1, UPDATED: 2, DELETED: 3, SET: 4, EXCEEDED: 5 };

const event = message({ entity: required(choice(ENTITIES)), action: required(choice(ACTIONS)) });
const status = choice({ ACTIVE: 1, DISABLED: 2 });
const id = { webhook_id: required(text) };
const changes = { description: text, events: list(event), secret: text, status };

export const createWebhook = message({ name: required(text), url: required(text), ...changes });
export const listWebhooks = message({ max_results: whole, page_token: text });
export const byWebhook = message(id);
export const updateWebhook = message({ ...id, name: text, url: text, ...changes });
export const testWebhook = message({ ...id, event: nested(event) });

export interface WireWebhook {
  webhook_id: string;
  name: string;
  description?: string | undefined;
  url: string;
  events: { entity: string; action: string }[];
  status: "ACTIVE" | "DISABLED";
  creation_timestamp: number;
  last_updated_timestamp: number;
}
