import type { View } from "@atrium/contract/tracking";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { compareNumber, compareText } from "#lib/filter-queries";
import { after, orderBy, type SortKey } from "#lib/keyset-queries";
import type { PositionKind } from "#lib/paging";
import type { Tx } from "#ports/database";
import type { RunCondition, RunOrder } from "../run-search.ts";
import type { StandingRunRow } from "../tables.ts";
import { IS_DELETED, RUN_COLUMNS } from "./runs.ts";

const TEXT_CHARS_MAX = 250; // Long texts are ordered by their beginning, which is what fits into a page token.

/**
 * Runs ordered by a metric come in two parts. The first has all with a number and is read along the index of values, so a
 * page costs what the page holds; the second has the NaN and the missing, and everything goes into it when no index helps.
 */
type Part = "numbers" | "rest" | "all";

export interface RunQuestion {
  projectId: string;
  /** All of the project when undefined; never empty. */
  experimentIds: readonly number[] | undefined;
  conditions: readonly RunCondition[];
  orders: readonly RunOrder[];
  view: View;
}

/** A run and where it stands in the order. */
export interface FoundRun {
  row: StandingRunRow;
  position: (string | number | null)[];
}

const INDEXED_EXPERIMENTS_MAX = 1; // The index orders the values of one experiment.

/** What a position in this order is made of. */
export function positionKinds(orders: readonly RunOrder[]): PositionKind[] {
  return keysOf(orders, "all").map(({ kind }) => kind);
}

export async function searchRuns(
  tx: Tx,
  question: RunQuestion,
  asked: { after: readonly (string | number | null)[] | undefined; limit: number },
): Promise<FoundRun[]> {
  if (!isIndexed(question)) return part(tx, question, { ...asked, part: "all" });
  const behindNumbers = asked.after !== undefined && asked.after[0] !== 0;
  const numbers = behindNumbers ? [] : await part(tx, question, { ...asked, part: "numbers" });
  if (numbers.length === asked.limit) return numbers;
  const rest = await part(tx, question, {
    after: behindNumbers ? asked.after : undefined,
    limit: asked.limit - numbers.length,
    part: "rest",
  });
  return [...numbers, ...rest];
}

function isIndexed({ orders, experimentIds }: RunQuestion): boolean {
  return (
    orders[0]?.on === "metric" &&
    experimentIds !== undefined &&
    experimentIds.length <= INDEXED_EXPERIMENTS_MAX
  );
}

async function part(
  tx: Tx,
  question: RunQuestion,
  asked: { after: readonly (string | number | null)[] | undefined; limit: number; part: Part },
): Promise<FoundRun[]> {
  const keys = keysOf(question.orders, asked.part);
  const columns = [
    ...RUN_COLUMNS.map((column) => sql`r.${sql.ref(column)}`),
    sql`${IS_DELETED} as is_deleted`,
    ...keys.map(({ expression }, i) => sql`${expression} as ${sql.ref(`k${i}`)}`),
  ];
  const where = whereOf(question, asked.part);
  if (asked.after !== undefined) where.push(after(keys, asked.after));
  const query = sql<StandingRunRow & Record<`k${number}`, string | number>>`
    select ${sql.join(columns)} ${fromOf(question.orders, asked.part)}
    where ${sql.join(where, sql` and `)} order by ${orderBy(keys)} limit ${asked.limit}`;
  const { rows } = await query.execute(tx.kysely);
  return rows.map((row) => ({ row, position: keys.map((_, i) => row[`k${i}`] ?? null) }));
}

function whereOf(question: RunQuestion, which: Part): RawBuilder<SqlBool>[] {
  const { projectId, experimentIds, orders, view } = question;
  const where = [sql<SqlBool>`r.project_id = ${projectId}`];
  if (experimentIds !== undefined) where.push(among(sql`r.experiment_id`, experimentIds));
  const [first] = orders;
  if (which === "numbers" && first?.on === "metric") {
    where.push(
      sql<SqlBool>`o0.project_id = ${projectId} and o0.key = ${first.key} and o0.is_nan = 0 and o0.run_id = r.id`,
      among(sql`o0.experiment_id`, experimentIds ?? []),
    );
  }
  if (which === "rest") where.push(sql<SqlBool>`(o0.run_id is null or o0.is_nan = 1)`);
  where.push(...question.conditions.map(conditionOf));
  if (view !== "all") where.push(sql<SqlBool>`${IS_DELETED} = ${view === "deleted" ? 1 : 0}`);
  return where;
}

function among(column: RawBuilder<unknown>, ids: readonly number[]): RawBuilder<SqlBool> {
  const [only, second] = ids;
  if (second === undefined) return sql<SqlBool>`${column} = ${only ?? null}`;
  return sql<SqlBool>`${column} in (${sql.join([...ids])})`;
}

/** The runs, and beside each the values that they are ordered by. */
function fromOf(orders: readonly RunOrder[], which: Part): RawBuilder<unknown> {
  const joins = orders.map((order, i) => {
    if (order.on === "column" || (i === 0 && which === "numbers")) return sql``;
    const alias = sql.ref(`o${i}`);
    return sql` left join ${sql.ref(TABLE_OF[order.on])} as ${alias}
      on ${alias}.run_id = r.id and ${alias}.key = ${order.key}`;
  });
  // A cross join is read in the order in which it stands: first along the index, then each run.
  const start =
    which === "numbers"
      ? sql`from tracking_series as o0 cross join tracking_runs as r`
      : sql`from tracking_runs as r`;
  return sql`${start}${sql.join(joins, sql``)}`;
}

const TABLE_OF = {
  metric: "tracking_series",
  param: "tracking_params",
  tag: "tracking_run_tags",
} as const;

/** What is missing stands last in both directions, and NaN before it. */
function keysOf(orders: readonly RunOrder[], which: Part): SortKey[] {
  return orders.flatMap((order, i) =>
    i === 0 && which === "numbers" ? numberKeys(order.direction) : keysOfOrder(order, sql.ref(`o${i}`)),
  );
}

/** The rank has its place in positions, where it says in which part of the order a page ended. */
function numberKeys(direction: "ASC" | "DESC"): SortKey[] {
  return [
    { expression: sql`0`, kind: "whole", direction: "ASC", constant: true },
    { expression: sql`o0.value`, kind: "number", direction },
  ];
}

function keysOfOrder(order: RunOrder, alias: RawBuilder<unknown>): SortKey[] {
  const { direction } = order;
  if (order.on === "column") return columnKeys(order.column, direction);
  if (order.on === "metric") {
    const rank = sql`case when ${alias}.run_id is null then 2 else ${alias}.is_nan end`;
    return [
      { expression: rank, kind: "whole", direction: "ASC" },
      { expression: sql`coalesce(${alias}.value, 0)`, kind: "number", direction },
    ];
  }
  return [
    { expression: sql`case when ${alias}.run_id is null then 1 else 0 end`, kind: "whole", direction: "ASC" },
    {
      expression: sql`coalesce(substr(${alias}.value, 1, ${sql.lit(TEXT_CHARS_MAX)}), '')`,
      kind: "text",
      direction,
    },
  ];
}

function columnKeys(
  column: Extract<RunOrder, { on: "column" }>["column"],
  direction: "ASC" | "DESC",
): SortKey[] {
  if (column === "started_ms") return [{ expression: COLUMN[column], kind: "whole", direction }];
  if (column !== "ended_ms" && column !== "took_ms")
    return [{ expression: COLUMN[column], kind: "text", direction }];
  const value = column === "ended_ms" ? sql`r.ended_ms` : sql`r.ended_ms - r.started_ms`;
  return [
    { expression: sql`case when r.ended_ms is null then 1 else 0 end`, kind: "whole", direction: "ASC" },
    { expression: sql`coalesce(${value}, 0)`, kind: "whole", direction },
  ];
}

const COLUMN = {
  id: sql<string>`r.id`,
  name: sql<string>`r.name`,
  owner: sql<string>`r.owner`,
  status: sql<string>`r.status`,
  started_ms: sql<number>`r.started_ms`,
  ended_ms: sql<number | null>`r.ended_ms`,
  artifact_path: sql<string>`(cast(r.experiment_id as text) || '/' || r.id || '/artifacts')`,
};

function conditionOf(condition: RunCondition): RawBuilder<SqlBool> {
  switch (condition.on) {
    case "metric": {
      const { operator, number } = condition;
      // NaN differs from every number and is neither greater nor less.
      const fits = sql<SqlBool>`case when v.is_nan = 1 then ${sql.lit(operator === "!=" ? 1 : 0)} = 1
        else ${compareNumber(sql<number>`v.value`, operator, number)} end`;
      return sql<SqlBool>`exists (${namedValue("metric", condition.key)} and ${fits})`;
    }
    case "param":
    case "tag": {
      const value = namedValue(condition.on, condition.key);
      if (!("text" in condition)) {
        return condition.operator === "present"
          ? sql<SqlBool>`exists (${value})`
          : sql<SqlBool>`not exists (${value})`;
      }
      return sql<SqlBool>`exists (${value} and ${compareText(sql`v.value`, condition.operator, condition.text)})`;
    }
    case "number":
      return compareNumber(
        COLUMN[condition.column] as RawBuilder<number | null>,
        condition.operator,
        condition.number,
      );
    case "text":
      return compareText(COLUMN[condition.column], condition.operator, condition.text);
    case "id":
      return listed(sql`r.id`, condition);
    case "dataset": {
      const column =
        condition.column === "context" ? sql<string>`i.context` : sql<string>`d.${sql.ref(condition.column)}`;
      const fits =
        "texts" in condition
          ? listed(column, condition)
          : compareText(column, condition.operator, condition.text);
      return sql<SqlBool>`exists (select 1 from tracking_inputs as i join tracking_datasets as d on d.id = i.dataset_id
        where i.run_id = r.id and ${fits})`;
    }
  }
}

function listed(
  column: RawBuilder<unknown>,
  { operator, texts }: { operator: "IN" | "NOT IN"; texts: readonly string[] },
): RawBuilder<SqlBool> {
  const list = sql.join([...texts]);
  return operator === "IN" ? sql<SqlBool>`${column} in (${list})` : sql<SqlBool>`${column} not in (${list})`;
}

function namedValue(on: "metric" | "param" | "tag", key: string): RawBuilder<unknown> {
  return sql`select 1 from ${sql.ref(TABLE_OF[on])} as v where v.run_id = r.id and v.key = ${key}`;
}
