import { type RawBuilder, type SqlBool, sql } from "kysely";
import { compareNumber, compareText } from "#lib/filter-queries";
import { after, orderBy, type SortKey } from "#lib/keyset-queries";
import type { PositionKind } from "#lib/paging";
import type { Tx } from "#ports/database";
import type { DatasetAsked, ModelCondition, ModelSort } from "../logged-model-search.ts";
import type { LoggedModelRow } from "../logged-model-tables.ts";
import { LOGGED_MODEL } from "./logged-models.ts";

const TEXT_CHARS_MAX = 250; // Long texts are ordered by their beginning, which is what fits into a page token.

export interface ModelQuestion {
  projectId: string;
  /** All of the project when undefined; never empty. */
  experimentIds: readonly number[] | undefined;
  conditions: readonly ModelCondition[];
  /** Metrics count on these datasets only; empty when on all. */
  datasets: readonly DatasetAsked[];
  sorts: readonly ModelSort[];
}

/** A logged model and where it stands in the order. */
export interface FoundModel {
  row: LoggedModelRow;
  position: (string | number | null)[];
}

/** What a position in this order is made of. */
export function modelPositionKinds(sorts: readonly ModelSort[]): PositionKind[] {
  return sorts.flatMap(keysOf).map(({ kind }) => kind);
}

export async function searchLoggedModels(
  tx: Tx,
  question: ModelQuestion,
  asked: { after: readonly (string | number | null)[] | undefined; limit: number },
): Promise<FoundModel[]> {
  const keys = question.sorts.flatMap(keysOf);
  const columns = [
    ...LOGGED_MODEL.map((column) => sql`m.${sql.ref(column)}`),
    ...keys.map(({ expression }, i) => sql`${expression} as ${sql.ref(`k${i}`)}`),
  ];
  const where = whereOf(question);
  if (asked.after !== undefined) where.push(after(keys, asked.after));
  const query = sql<LoggedModelRow & Record<`k${number}`, string | number>>`
    select ${sql.join(columns)} from tracking_logged_models as m
    where ${sql.join(where, sql` and `)} order by ${orderBy(keys)} limit ${asked.limit}`;
  const { rows } = await query.execute(tx.kysely);
  return rows.map((row) => ({ row, position: keys.map((_, i) => row[`k${i}`] ?? null) }));
}

function whereOf({ projectId, experimentIds, conditions, datasets }: ModelQuestion): RawBuilder<SqlBool>[] {
  const where = [sql<SqlBool>`m.project_id = ${projectId} and m.deleted = 0`];
  if (experimentIds !== undefined) {
    where.push(sql<SqlBool>`m.experiment_id in (${sql.join([...experimentIds])})`);
  }
  where.push(...conditions.map((condition) => conditionOf(condition, datasets)));
  if (datasets.length > 0 && !conditions.some(({ on }) => on === "metric")) {
    where.push(sql<SqlBool>`exists (${metricsOf("d")} and ${onDatasets("d", datasets)})`);
  }
  return where;
}

function conditionOf(condition: ModelCondition, datasets: readonly DatasetAsked[]): RawBuilder<SqlBool> {
  switch (condition.on) {
    case "metric": {
      const { key, operator, number } = condition;
      // NaN differs from every number and is neither greater nor less.
      const fits = sql<SqlBool>`case when v.is_nan = 1 then ${sql.lit(operator === "!=" ? 1 : 0)} = 1
        else ${compareNumber(sql<number>`v.value`, operator, number)} end`;
      const where = datasets.length === 0 ? fits : sql<SqlBool>`${fits} and ${onDatasets("v", datasets)}`;
      return sql<SqlBool>`exists (${metricsOf("v")} and v.key = ${key} and ${where})`;
    }
    case "number":
      return compareNumber(sql<number>`m.${sql.ref(condition.column)}`, condition.operator, condition.number);
    case "text":
      return textFits(sql<string>`m.${sql.ref(condition.column)}`, condition);
    case "param":
    case "tag": {
      const table = sql.ref(condition.on === "param" ? "tracking_model_params" : "tracking_model_tags");
      return sql<SqlBool>`exists (select 1 from ${table} as v where v.model_id = m.id and v.key = ${condition.key}
        and ${textFits(sql<string>`v.value`, condition)})`;
    }
  }
}

function textFits(
  column: RawBuilder<string>,
  test: Extract<ModelCondition, { on: "text" | "param" | "tag" }>,
): RawBuilder<SqlBool> {
  if ("text" in test) return compareText(column, test.operator, test.text);
  const list = sql.join([...test.texts]);
  return test.operator === "IN"
    ? sql<SqlBool>`${column} in (${list})`
    : sql<SqlBool>`${column} not in (${list})`;
}

function metricsOf(alias: string): RawBuilder<unknown> {
  const of = sql.ref(alias);
  return sql`select 1 from tracking_model_metrics as ${of} where ${of}.model_id = m.id`;
}

function onDatasets(alias: string, datasets: readonly DatasetAsked[]): RawBuilder<SqlBool> {
  const of = sql.ref(alias);
  const each = datasets.map(({ name, digest }) =>
    digest === undefined
      ? sql`${of}.dataset_name = ${name}`
      : sql`(${of}.dataset_name = ${name} and ${of}.dataset_digest = ${digest})`,
  );
  return sql<SqlBool>`(${sql.join(each, sql` or `)})`;
}

/** What is missing stands last in both directions, and NaN before it. */
function keysOf(sort: ModelSort): SortKey[] {
  const { direction } = sort;
  if (sort.on === "column") {
    const column = sql`m.${sql.ref(sort.column)}`;
    if (sort.column === "created_ms" || sort.column === "updated_ms")
      return [{ expression: column, kind: "whole", direction }];
    if (sort.column === "id") return [{ expression: column, kind: "text", direction }];
    const missing = sql`case when ${column} = '' then 1 else 0 end`;
    return [
      { expression: missing, kind: "whole", direction: "ASC" },
      { expression: sql`substr(${column}, 1, ${sql.lit(TEXT_CHARS_MAX)})`, kind: "text", direction },
    ];
  }
  const newest = (value: RawBuilder<unknown>) => {
    const on = [sql`n.model_id = m.id and n.key = ${sort.key}`];
    if (sort.datasetName) on.push(sql`n.dataset_name = ${sort.datasetName}`);
    if (sort.datasetDigest) on.push(sql`n.dataset_digest = ${sort.datasetDigest}`);
    return sql`(select ${value} from tracking_model_metrics as n where ${sql.join(on, sql` and `)}
      order by n.at_ms desc, n.step desc, n.value desc limit 1)`;
  };
  return [
    { expression: sql`coalesce(${newest(sql`n.is_nan`)}, 2)`, kind: "whole", direction: "ASC" },
    { expression: sql`coalesce(${newest(sql`n.value`)}, 0)`, kind: "number", direction },
  ];
}
