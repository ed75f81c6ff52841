import type { WebhookEvent } from "@atrium/contract/registry";

const NAME = "delay-forecast";
const VERSION = { name: NAME, version: "3" };
const KEY = { key: "reviewed", value: "yes" };
const ALIAS = { name: NAME, alias: "champion" };
const MADE = { tags: { team: "forecasts" }, description: "An example, sent to try the webhook." };

/** What a message of each kind looks like, with nothing of the project in it. */
const EXAMPLES: Record<WebhookEvent, object> = {
  "registered_model.created": { name: NAME, ...MADE },
  "model_version.created": {
    ...VERSION,
    ...MADE,
    source: "models:/m-0123456789abcdef",
    run_id: "0123456789abcdef",
  },
  "model_version_tag.set": { ...VERSION, ...KEY },
  "model_version_tag.deleted": { ...VERSION, key: KEY.key },
  "model_version_alias.created": { ...ALIAS, version: VERSION.version },
  "model_version_alias.deleted": ALIAS,
  "prompt.created": { name: NAME, ...MADE },
  "prompt_version.created": { ...VERSION, ...MADE, template: "Explain {{delay}} in one sentence." },
  "prompt_tag.set": { name: NAME, ...KEY },
  "prompt_tag.deleted": { name: NAME, key: KEY.key },
  "prompt_version_tag.set": { ...VERSION, ...KEY },
  "prompt_version_tag.deleted": { ...VERSION, key: KEY.key },
  "prompt_alias.created": { ...ALIAS, version: VERSION.version },
  "prompt_alias.deleted": ALIAS,
};

export function exampleOf(event: WebhookEvent): object {
  return EXAMPLES[event];
}
