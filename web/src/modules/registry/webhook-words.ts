import type { WebhookEvent } from "@atrium/contract/registry";

const THINGS: Record<string, string> = {
  registered_model: "a model",
  model_version: "a model's version",
  model_version_tag: "a version's tag",
  model_version_alias: "a model's alias",
  prompt: "a prompt",
  prompt_version: "a prompt's version",
  prompt_tag: "a prompt's tag",
  prompt_version_tag: "a prompt version's tag",
  prompt_alias: "a prompt's alias",
};
const HAPPENINGS: Record<string, string> = { created: "is made", set: "is set", deleted: "is taken away" };

/** An event in words: `a model's alias is made`. */
export function eventWords(event: WebhookEvent): string {
  const [thing = "", happening = ""] = event.split(".");
  // An alias that is made may have stood elsewhere before.
  const moved = thing.endsWith("_alias") && happening === "created" ? "is set or moved" : undefined;
  return `${THINGS[thing] ?? thing} ${moved ?? HAPPENINGS[happening] ?? happening}`;
}
