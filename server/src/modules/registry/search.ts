import { AppError } from "#lib/errors";
import {
  type Comparison,
  NUMBER_OPERATORS,
  type NumberOperator,
  parseFilter,
  parseOrder,
  requireList,
  requireNumber,
  requireOperator,
  requireText,
  TEXT_OPERATORS,
  type TextOperator,
} from "#lib/filter";
import type { RegistrySearch } from "./door.ts";

/** One thing that a row must fulfil. */
export type Condition<Field extends string> =
  | { kind: "text"; field: Field; operator: TextOperator; text: string }
  | { kind: "list"; field: Field; texts: readonly string[] }
  | { kind: "number"; field: Field; operator: NumberOperator; number: number }
  | { kind: "tag"; key: string; operator: TextOperator; text: string };

export interface Question<Field extends string, Sort extends string> {
  conditions: Condition<Field>[];
  prompts: "wanted" | "left out";
  order: { by: Sort; direction: "ASC" | "DESC" }[];
}

export type ModelField = "name";
export type ModelSort = "name" | "updated";
export type VersionField = "name" | "run_id" | "source_path" | "version_number";
export type VersionSort = "name" | "version" | "created" | "updated";

interface Language<Field extends string, Sort extends string> {
  texts: readonly Field[];
  numbers: readonly Field[];
  sorts: Readonly<Record<string, Sort>>;
  unknownSort: (key: string) => string;
}

const MODELS: Language<ModelField, ModelSort> = {
  texts: ["name"],
  numbers: [],
  sorts: { name: "name", timestamp: "updated", last_updated_timestamp: "updated" },
  unknownSort: (key) => `Invalid order by key '${key}' specified. Valid keys are '{'name', 'timestamp'}'`,
};
const VERSIONS: Language<VersionField, VersionSort> = {
  texts: ["name", "run_id", "source_path"],
  numbers: ["version_number"],
  sorts: {
    name: "name",
    version_number: "version",
    creation_timestamp: "created",
    last_updated_timestamp: "updated",
  },
  unknownSort: (key) =>
    `Invalid attribute key '${key}' specified. Valid keys are ` +
    "'{'name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'}'",
};

/** What is asked about models; ties are broken by name. @throws AppError `invalid` */
export function modelQuestion(asked: RegistrySearch, promptTag: string): Question<ModelField, ModelSort> {
  const order = orderIn(asked.orderBy ?? [], MODELS);
  return { ...filterIn(asked.filter ?? "", MODELS, promptTag), order: closed(order, [["name", "ASC"]]) };
}

/** What is asked about versions; ties are broken by name and the greater number. @throws AppError `invalid` */
export function versionQuestion(
  asked: RegistrySearch,
  promptTag: string,
): Question<VersionField, VersionSort> {
  const given = orderIn(asked.orderBy ?? [], VERSIONS);
  const order = given.length === 0 ? [{ by: "updated", direction: "DESC" } as const] : given;
  const ties = [
    ["name", "ASC"],
    ["version", "DESC"],
  ] as const;
  return { ...filterIn(asked.filter ?? "", VERSIONS, promptTag), order: closed(order, ties) };
}

function filterIn<Field extends string, Sort extends string>(
  filter: string,
  language: Language<Field, Sort>,
  promptTag: string,
): Pick<Question<Field, Sort>, "conditions" | "prompts"> {
  const all = parseFilter(filter).map((comparison) => conditionOf(comparison, language));
  const asksForPrompts = all.some((condition) => isOfTag(condition, promptTag) && wantsPrompts(condition));
  if (asksForPrompts) return { conditions: all, prompts: "wanted" };
  // What is no prompt has no such tag, so a condition that it is none is fulfilled by leaving prompts out.
  return { conditions: all.filter((condition) => !isOfTag(condition, promptTag)), prompts: "left out" };
}

function isOfTag<Field extends string>(condition: Condition<Field>, key: string): boolean {
  return condition.kind === "tag" && condition.key === key;
}

function wantsPrompts<Field extends string>(condition: Condition<Field>): boolean {
  if (condition.kind !== "tag") return false;
  const text = condition.text.toLowerCase();
  return condition.operator === "=" ? text === "true" : condition.operator === "!=" && text === "false";
}

function conditionOf<Field extends string, Sort extends string>(
  comparison: Comparison,
  language: Language<Field, Sort>,
): Condition<Field> {
  const { entity, key } = comparison;
  if (entity === "tag" || entity === "tags") {
    const operator = requireOperator(comparison, TEXT_OPERATORS);
    return { kind: "tag", key, operator, text: requireText(comparison, "tag") };
  }
  if (!["", "attribute", "attributes"].includes(entity)) {
    const known = "('attribute', 'tag', 'tags')";
    throw invalid(`Invalid entity type '${entity}'. Valid entity types are ${known}`, "filter");
  }
  const number = language.numbers.find((field) => field === key);
  if (number !== undefined) {
    const operator = requireOperator(comparison, NUMBER_OPERATORS);
    return { kind: "number", field: number, operator, number: numberIn(comparison) };
  }
  const text = language.texts.find((field) => field === key);
  if (text === undefined) {
    const known = [...language.texts, ...language.numbers].map((field) => `'${field}'`).join(", ");
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '{${known}}'`, "filter");
  }
  const operator = requireOperator(comparison, [...TEXT_OPERATORS, "IN"] as const);
  if (operator === "IN") return { kind: "list", field: text, texts: requireList(comparison, "attributes") };
  return { kind: "text", field: text, operator, text: requireText(comparison, "attributes") };
}

/** Clients may write a whole number in quotes. */
function numberIn(comparison: Comparison): number {
  const { value, key } = comparison;
  if (value.kind === "text" && /^\d{1,15}$/.test(value.text)) return Number(value.text);
  return requireNumber(comparison, `numeric attribute: ${key}`);
}

function orderIn<Field extends string, Sort extends string>(
  clauses: readonly string[],
  language: Language<Field, Sort>,
): { by: Sort; direction: "ASC" | "DESC" }[] {
  const order: { by: Sort; direction: "ASC" | "DESC" }[] = [];
  for (const clause of clauses) {
    const { entity, key, direction } = parseOrder(clause);
    const by = Object.hasOwn(language.sorts, key) ? language.sorts[key] : undefined;
    if (!["", "attribute", "attributes"].includes(entity)) {
      throw invalid(`Invalid order_by entity: ${entity}`, "order_by");
    }
    if (by === undefined) throw invalid(language.unknownSort(key), "order_by");
    if (order.some((before) => before.by === by)) {
      throw invalid(`\`order_by\` contains duplicate fields: [${clauses.join(", ")}]`, "order_by");
    }
    order.push({ by, direction });
  }
  return order;
}

/** An order with what breaks its ties. */
function closed<Sort extends string>(
  order: readonly { by: Sort; direction: "ASC" | "DESC" }[],
  ties: readonly (readonly [Sort, "ASC" | "DESC"])[],
): { by: Sort; direction: "ASC" | "DESC" }[] {
  const missing = ties.filter(([by]) => !order.some((part) => part.by === by));
  return [...order, ...missing.map(([by, direction]) => ({ by, direction }))];
}

function invalid(message: string, at: string): AppError {
  return new AppError("invalid", message, { at });
}
