import type { ParameterKind, PipelineParameter } from "@atrium/contract/pipelines";

/** A parameter's value as the form's text; what is not a word is JSON. */
export function textOf(value: unknown, kind: ParameterKind): string {
  if (value === undefined || value === null) return "";
  return kind === "text" && typeof value === "string" ? value : JSON.stringify(value);
}

export type Parsed = { value: unknown } | { problem: string } | "left out";

/** What somebody typed as a value of the parameter's kind. An empty field leaves the parameter to its default. */
export function parseValue(text: string, parameter: Pick<PipelineParameter, "kind" | "required">): Parsed {
  const { kind, required } = parameter;
  // An empty text is a text like any other, where one has to be given.
  if (text.trim() === "") {
    if (!required) return "left out";
    return kind === "text" ? { value: text } : { problem: "Give a value." };
  }
  if (kind === "text") return { value: text };
  const value = parsed(text);
  const problem = PROBLEMS[kind];
  return fits(value, kind) ? { value } : { problem };
}

const PROBLEMS: Record<Exclude<ParameterKind, "text">, string> = {
  integer: "Give a whole number.",
  number: "Give a number.",
  boolean: "Give true or false.",
  list: 'Give a JSON list, such as [1, "two"].',
  object: 'Give a JSON object, such as {"depth": 7}.',
};

function fits(value: unknown, kind: ParameterKind): boolean {
  if (kind === "integer") return Number.isInteger(value);
  if (kind === "number") return typeof value === "number";
  if (kind === "boolean") return typeof value === "boolean";
  if (kind === "list") return Array.isArray(value);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
