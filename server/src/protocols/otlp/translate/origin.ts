import type { Attributes, Scope } from "../wire/messages.ts";
import { plainAttributes, textOf } from "./attributes.ts";

const OURS = "atrium.";
const LABEL = /^[a-z][a-z_]{0,62}$/;
const SERVICE = ["service.name", "service.namespace", "service.instance.id"];
const UNKNOWN_SERVICE = /^unknown_service(:|$)/; // What an SDK says when nobody told it; it tells us nothing.

/** Who sends, read off its resource. */
export interface Origin {
  /** By which its signals are found: `service`, and `run`, `job`, `step`, `endpoint`… from `atrium.run_id` and the like. */
  labels: Record<string, string>;
  service: string;
  instance: string;
  /** What else the resource says. */
  rest: Record<string, unknown>;
}

export function originOf(resource: { attributes: Attributes } | undefined): Origin {
  const attributes = plainAttributes(resource?.attributes ?? []);
  const labels: Record<string, string> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const label = ourLabel(name);
    if (label !== undefined && value !== null && value !== "") labels[label] = textOf(value);
    else if (!SERVICE.includes(name)) rest[name] = value;
  }
  const said = (name: string): string => textOf(attributes[name] ?? "");
  const named = UNKNOWN_SERVICE.test(said("service.name")) ? "" : said("service.name");
  const namespace = said("service.namespace");
  const service = namespace === "" || named === "" ? named : `${namespace}/${named}`;
  if (service !== "") labels.service = service;
  return { labels, service, instance: said("service.instance.id"), rest };
}

/** `atrium.run_id` and `atrium.run` both become `run`; the project is where a signal is kept, and no label of it. */
function ourLabel(name: string): string | undefined {
  if (!name.startsWith(OURS)) return undefined;
  const label = name.slice(OURS.length).replace(/_id$/, "");
  return LABEL.test(label) && label !== "level" && label !== "project" && label !== "le" ? label : undefined;
}

/** What a record says of where it came from, beside its labels. */
export function sourceFields(origin: Origin, scope: Scope | undefined): Record<string, unknown> {
  return {
    ...(scope?.name ? { scope: scope.name } : {}),
    ...(Object.keys(origin.rest).length === 0 ? {} : { resource: origin.rest }),
  };
}
