import type { WebhookEvent } from "@atrium/contract/registry";

const WORDS: Record<WebhookEvent, string> = {
  "registered_model.created": "a model is made",
  "model_version.created": "a model's version is made",
  "model_version_tag.set": "a version's tag is set",
  "model_version_tag.deleted": "a version's tag is taken away",
  "model_version_alias.created": "a model's alias is set or moved",
  "model_version_alias.deleted": "a model's alias is taken away",
  "prompt.created": "a prompt is made",
  "prompt_version.created": "a prompt's version is made",
  "prompt_tag.set": "a prompt's tag is set",
  "prompt_tag.deleted": "a prompt's tag is taken away",
  "prompt_version_tag.set": "a prompt version's tag is set",
  "prompt_version_tag.deleted": "a prompt version's tag is taken away",
  "prompt_alias.created": "a prompt's alias is set or moved",
  "prompt_alias.deleted": "a prompt's alias is taken away",
};

export const WEBHOOK_EVENTS = Object.keys(WORDS) as WebhookEvent[];

/** An event in words, as in "told when …". */
export function eventWords(event: WebhookEvent): string {
  return WORDS[event];
}
