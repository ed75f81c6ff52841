import { posix } from "node:path";
import { type Stage, stage as stageSchema } from "@atrium/contract/registry";
import { AppError } from "#lib/errors";
import type { TagChanges } from "./door.ts";

export const STAGES: readonly Stage[] = stageSchema.options;
const STAGES_IN_USE: readonly Stage[] = ["Staging", "Production"];

const NAME_CHARS_MAX = 256; // Lineage and addresses carry names; a person's model has a name of twenty characters.
const ALIAS_CHARS_MAX = 255;
const TAG_KEY_CHARS_MAX = 250;
const TAG_VALUE_CHARS_MAX = 100_000; // A prompt's whole text is a tag.
const DESCRIPTION_CHARS_MAX = 100_000;
const TAGS_A_CHANGE_MAX = 100;
const REGISTRATIONS_KEPT = 100;
const REGISTRATIONS_CHARS_MAX = 8000; // What a tag of a logged model holds; the registry itself knows them all.
export const TAGS_MAX = 1000; // Of one thing: a page of things must fit into memory.

/** @throws AppError `invalid` */
export function checkName(name: string): void {
  if (name.trim() === "") throw invalid("Missing value for required parameter 'name'.", "name");
  checkText(name, "name", NAME_CHARS_MAX);
  if (/[/:]/.test(name)) {
    throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`, "name");
  }
  checkPathlike(name, "name");
}

/** @throws AppError `invalid` */
export function checkAlias(alias: string): void {
  if (alias === "") throw invalid("Registered model alias name cannot be empty.", "alias");
  if (!/^[\p{L}\p{N}_-]*$/u.test(alias)) {
    const rule = "Names may only contain alphanumerics, underscores (_), and dashes (-).";
    throw invalid(`Invalid alias name: '${alias.slice(0, ALIAS_CHARS_MAX)}'. ${rule}`, "alias");
  }
  if (alias.length > ALIAS_CHARS_MAX) {
    const most = `the maximum length of ${ALIAS_CHARS_MAX} characters`;
    throw invalid(`'Registered model alias name' exceeds ${most}`, "alias");
  }
}

/** Words that already mean a version may not be set to mean another. @throws AppError `invalid` */
export function checkNewAlias(alias: string): void {
  checkAlias(alias);
  if (isLatest(alias)) throw invalid("'latest' alias name (case insensitive) is reserved.", "alias");
  if (/^v\d+$/i.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`, "alias");
}

export function isLatest(alias: string): boolean {
  return alias.toLowerCase() === "latest";
}

/** @throws AppError `invalid` */
export function checkDescription(description: string): void {
  checkText(description, "description", DESCRIPTION_CHARS_MAX);
}

/** @throws AppError `invalid` */
export function checkTags(changes: TagChanges): void {
  const entries = Object.entries(changes);
  if (entries.length > TAGS_A_CHANGE_MAX) {
    throw invalid(`At most ${TAGS_A_CHANGE_MAX} tags are set at once; ${entries.length} were given.`, "tags");
  }
  for (const [key, value] of entries) {
    checkText(key, "key", TAG_KEY_CHARS_MAX);
    if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
      const rule =
        "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and " +
        "slashes (/).";
      throw invalid(`Invalid value "${key}" for parameter 'key' supplied: ${rule}`, "key");
    }
    checkPathlike(key, "key");
    if (value !== null) checkText(value, "value", TAG_VALUE_CHARS_MAX);
  }
}

/** A stage in any case. @throws AppError `invalid` */
export function stageOf(text: string): Stage {
  const found = STAGES.find((stage) => stage.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const known = STAGES.join(", ");
  throw invalid(`Invalid Model Version stage: ${text}. Value must be one of ${known}.`, "stage");
}

/** Only versions in use make way for another. @throws AppError `invalid` */
export function checkArchiving(stage: Stage): void {
  if (STAGES_IN_USE.includes(stage)) return;
  throw invalid(
    "Model version transition cannot archive existing model versions because " +
      `'${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
    "stage",
  );
}

/** The tag's text with one more registration, the newest at its end and each once. What cannot be read is replaced. */
export function withRegistration(
  before: string | undefined,
  { name, version }: { name: string; version: number },
): string {
  const others = registrationsIn(before).filter(
    (one) => one.name !== name || String(one.version) !== String(version),
  );
  let kept = [...others, { name, version }].slice(-REGISTRATIONS_KEPT);
  while (kept.length > 1 && JSON.stringify(kept).length > REGISTRATIONS_CHARS_MAX) kept = kept.slice(1);
  return JSON.stringify(kept);
}

function registrationsIn(text: string | undefined): { name?: unknown; version?: unknown }[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one === "object" && one !== null) : [];
  } catch {
    return []; // Anybody may have set the tag to anything.
  }
}

export function checkText(text: string, at: string, charsMax: number): void {
  if (text.length > charsMax) {
    throw invalid(`'${at}' exceeds the maximum length of ${charsMax} characters`, at);
  }
  if (text.includes("\0") || !text.isWellFormed()) {
    throw invalid(`'${at}' has a character that is not Unicode, or NUL; take it out.`, at);
  }
}

/** Clients use names as file names, so a name must be its own shortest path. */
function checkPathlike(name: string, at: string): void {
  const resolved = posix.normalize(name);
  if (resolved === name && name !== "." && !name.startsWith("..") && !name.startsWith("/")) return;
  throw invalid(
    `Invalid value "${name}" for parameter '${at}' supplied: Names may be treated as files in certain cases, and ` +
      `must not resolve to other names when treated as such. This name would resolve to '${resolved}'`,
    at,
  );
}

function invalid(message: string, at: string): AppError {
  return new AppError("invalid", message, { at });
}
