import type { View } from "@atrium/contract/tracking";
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { compareNumber, compareText } from "#lib/filter-queries";
import { after, orderBy } from "#lib/keyset-queries";
import type { PositionKind } from "#lib/paging";
import type { Tx } from "#ports/database";
import type { ExperimentCondition, ExperimentOrder } from "../experiment-search.ts";
import type { ExperimentRow } from "../tables.ts";

interface Asked {
  projectId: string;
  /** Only these, when not all of the project may be seen. */
  ids: readonly number[] | undefined;
  conditions: readonly ExperimentCondition[];
  orders: readonly ExperimentOrder[];
  view: View;
  after: readonly (string | number | null)[] | undefined;
  limit: number;
}

/** What a position in this order is made of. */
export function positionKinds(orders: readonly ExperimentOrder[]): PositionKind[] {
  return orders.map(({ column }) => kindOf(column));
}

function kindOf(column: ExperimentOrder["column"]): PositionKind {
  return column === "name" ? "text" : "whole";
}

export async function searchExperiments(tx: Tx, asked: Asked): Promise<ExperimentRow[]> {
  const keys = asked.orders.map(({ column, direction }) => ({
    expression: sql`e.${sql.ref(column)}`,
    kind: kindOf(column),
    direction,
  }));
  const where = [sql<SqlBool>`e.project_id = ${asked.projectId}`, ...asked.conditions.map(conditionOf)];
  if (asked.ids !== undefined) where.push(sql<SqlBool>`e.id in (${sql.join([...asked.ids])})`);
  if (asked.view !== "all") where.push(sql<SqlBool>`e.deleted = ${asked.view === "deleted" ? 1 : 0}`);
  if (asked.after !== undefined) where.push(after(keys, asked.after));
  const query = sql<ExperimentRow>`
    select e.project_id, e.id, e.name, e.created_ms, e.updated_ms, e.deleted, e.restores, e.runs, e.deleted_runs
    from tracking_experiments as e
    where ${sql.join(where, sql` and `)} order by ${orderBy(keys)} limit ${asked.limit}`;
  return (await query.execute(tx.kysely)).rows;
}

function conditionOf(condition: ExperimentCondition): RawBuilder<SqlBool> {
  switch (condition.on) {
    case "name":
      return compareText(sql`e.name`, condition.operator, condition.text);
    case "created_ms":
    case "updated_ms":
      return compareNumber(sql`e.${sql.ref(condition.on)}`, condition.operator, condition.number);
    case "tag": {
      const tag = sql`select 1 from tracking_experiment_tags as t
        where t.project_id = e.project_id and t.experiment_id = e.id and t.key = ${condition.key}`;
      if (!("text" in condition)) {
        return condition.operator === "present"
          ? sql<SqlBool>`exists (${tag})`
          : sql<SqlBool>`not exists (${tag})`;
      }
      return sql<SqlBool>`exists (${tag} and ${compareText(sql`t.value`, condition.operator, condition.text)})`;
    }
  }
}
