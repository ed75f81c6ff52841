import { type Expression, type SqlBool, sql } from "kysely";
import { compareNumber, compareText } from "#lib/filter-queries";
import { after, orderBy, type SortKey } from "#lib/keyset-queries";
import type { Position, PositionKind } from "#lib/paging";
import type { Visible } from "#modules/identity";
import { type Tx, tables } from "#ports/database";
import { MODEL, VERSION } from "./queries.ts";
import type { Condition, ModelField, ModelSort, Question, VersionField, VersionSort } from "./search.ts";
import type { ModelRow, RegistryTables, VersionRow } from "./tables.ts";

const db = tables<RegistryTables>();

/** One page of a question. `after` is the last row of the page before, as `…Position` gives it. */
export interface PageOf<Field extends string, Sort extends string> {
  projectId: string;
  question: Question<Field, Sort>;
  promptTag: string;
  visible: Visible;
  after?: Position | undefined;
  limit: number;
}

const MODEL_FIELDS: Record<ModelField, Expression<string>> = { name: sql.ref("m.name") };
const MODEL_SORTS: Record<ModelSort, Omit<SortKey, "direction">> = {
  name: { expression: sql`m.name`, kind: "text" },
  updated: { expression: sql`m.updated_ms`, kind: "whole" },
};
const VERSION_FIELDS: Record<VersionField, Expression<string>> = {
  name: sql.ref("m.name"),
  run_id: sql.ref("v.run_id"),
  source_path: sql.ref("v.source"),
  version_number: sql.ref("v.version"),
};
const VERSION_SORTS: Record<VersionSort, Omit<SortKey, "direction">> = {
  name: { expression: sql`m.name`, kind: "text" },
  version: { expression: sql`v.version`, kind: "whole" },
  created: { expression: sql`v.created_ms`, kind: "whole" },
  updated: { expression: sql`v.updated_ms`, kind: "whole" },
};

export async function modelPage(tx: Tx, asked: PageOf<ModelField, ModelSort>): Promise<ModelRow[]> {
  const tags = {
    table: sql.table("registry_model_tags"),
    own: sql<SqlBool>`t.model_id = m.id`,
  };
  const order = keysOf(asked.question.order, MODEL_SORTS);
  let query = db(tx)
    .selectFrom("registry_models as m")
    .select(MODEL.map((column) => `m.${column}` as const))
    .where("m.project_id", "=", asked.projectId);
  if (!asked.visible.all) query = query.where("m.id", "in", asked.visible.ids);
  for (const condition of asked.question.conditions)
    query = query.where(fulfils(condition, MODEL_FIELDS, tags));
  if (asked.question.prompts === "left out") query = query.where(sql<SqlBool>`not ${isPrompt(asked)}`);
  if (asked.after !== undefined) query = query.where(after(order, asked.after));
  return query.orderBy(orderBy(order)).limit(asked.limit).execute();
}

/** What a position in this order is made of. */
export function modelPositionKinds(order: Question<ModelField, ModelSort>["order"]): PositionKind[] {
  return order.map(({ by }) => MODEL_SORTS[by].kind);
}

export function modelPosition(row: ModelRow, order: Question<ModelField, ModelSort>["order"]) {
  return order.map(({ by }) => (by === "name" ? row.name : row.updated_ms));
}

/** A version with its model's name. */
export type NamedVersionRow = VersionRow & { name: string };

export async function versionPage(
  tx: Tx,
  asked: PageOf<VersionField, VersionSort>,
): Promise<NamedVersionRow[]> {
  const tags = {
    table: sql.table("registry_version_tags"),
    own: sql<SqlBool>`t.model_id = v.model_id and t.version = v.version`,
  };
  const order = keysOf(asked.question.order, VERSION_SORTS);
  let query = db(tx)
    .selectFrom("registry_versions as v")
    .innerJoin("registry_models as m", "m.id", "v.model_id")
    .select("m.name")
    .select(VERSION.map((column) => `v.${column}` as const))
    .where("v.project_id", "=", asked.projectId);
  if (!asked.visible.all) query = query.where("v.model_id", "in", asked.visible.ids);
  for (const condition of asked.question.conditions)
    query = query.where(fulfils(condition, VERSION_FIELDS, tags));
  if (asked.question.prompts === "left out") {
    const marked = tagged(tags, asked.promptTag, sql<SqlBool>`t.value = 'true'`);
    query = query.where(sql<SqlBool>`not ${isPrompt(asked)} and not ${marked}`);
  }
  if (asked.after !== undefined) query = query.where(after(order, asked.after));
  return query.orderBy(orderBy(order)).limit(asked.limit).execute();
}

/** What a position in this order is made of. */
export function versionPositionKinds(order: Question<VersionField, VersionSort>["order"]): PositionKind[] {
  return order.map(({ by }) => VERSION_SORTS[by].kind);
}

export function versionPosition(row: NamedVersionRow, order: Question<VersionField, VersionSort>["order"]) {
  const values = { name: row.name, version: row.version, created: row.created_ms, updated: row.updated_ms };
  return order.map(({ by }) => values[by]);
}

/** One model's versions with numbers below `before`, newest first. */
export async function versionsOfModel(
  tx: Tx,
  modelId: string,
  asked: { before?: number | undefined; limit: number },
): Promise<VersionRow[]> {
  let query = db(tx).selectFrom("registry_versions").select(VERSION).where("model_id", "=", modelId);
  if (asked.before !== undefined) query = query.where("version", "<", asked.before);
  return query.orderBy("version", "desc").limit(asked.limit).execute();
}

interface Tags {
  table: Expression<unknown>;
  /** Holds for the tags `t` of the row. */
  own: Expression<SqlBool>;
}

function fulfils<Field extends string>(
  condition: Condition<Field>,
  fields: Record<Field, Expression<string>>,
  tags: Tags,
): Expression<SqlBool> {
  if (condition.kind === "tag") {
    const matches = compareText(sql.ref("t.value"), condition.operator, condition.text);
    return tagged(tags, condition.key, matches);
  }
  const column = fields[condition.field];
  if (condition.kind === "list") return sql<SqlBool>`${column} in (${sql.join(condition.texts)})`;
  if (condition.kind === "text") return compareText(column, condition.operator, condition.text);
  return compareNumber(sql<number>`${column}`, condition.operator, condition.number);
}

function tagged(tags: Tags, key: string, matches: Expression<SqlBool>): Expression<SqlBool> {
  return sql<SqlBool>`exists (select 1 from ${tags.table} as t where ${tags.own} and t.key = ${key} and ${matches})`;
}

function isPrompt({ promptTag }: { promptTag: string }): Expression<SqlBool> {
  return sql<SqlBool>`exists (select 1 from registry_model_tags as p
    where p.model_id = m.id and p.key = ${promptTag} and p.value = 'true')`;
}

function keysOf<Sort extends string>(
  order: readonly { by: Sort; direction: "ASC" | "DESC" }[],
  sorts: Record<Sort, Omit<SortKey, "direction">>,
): SortKey[] {
  return order.map(({ by, direction }) => ({ ...sorts[by], direction }));
}
