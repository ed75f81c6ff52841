import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  type KyselyPlugin,
  type OperationNode,
  OperationNodeTransformer,
  type OrderByItemNode,
  RawNode,
  ReferenceNode,
  type SelectQueryNode,
  TableNode,
} from "kysely";

/**
 * Makes PostgreSQL sort nulls where SQLite has them: below every value. Only columns that may hold null get the extra
 * words, because with them PostgreSQL can no longer read a primary key in its order.
 * `nullable` has `table.column`.
 */
export function nullsAsSqlite(nullable: ReadonlySet<string>): KyselyPlugin {
  return {
    transformQuery: ({ node }) => new NullOrder(nullable).transformNode(node),
    transformResult: async ({ result }) => result,
  };
}

class NullOrder extends OperationNodeTransformer {
  readonly #nullable: ReadonlySet<string>;

  constructor(nullable: ReadonlySet<string>) {
    super();
    this.#nullable = nullable;
  }

  protected override transformSelectQuery(given: SelectQueryNode): SelectQueryNode {
    const node = super.transformSelectQuery(given);
    if (node.orderBy === undefined) return node;
    const tables = tablesOf(node);
    const items = node.orderBy.items.map((item) =>
      item.nulls === undefined && this.#mayBeNull(item.orderBy, tables) ? withNulls(item) : item,
    );
    return { ...node, orderBy: { ...node.orderBy, items } };
  }

  #mayBeNull(node: OperationNode, tables: readonly Source[]): boolean {
    if (!ReferenceNode.is(node) || !ColumnNode.is(node.column)) return false;
    const column = node.column.column.name;
    const of = node.table?.table.identifier.name;
    return tables.some(
      ({ name, alias, isOptional }) =>
        (of === undefined || of === alias) && (isOptional || this.#nullable.has(`${name}.${column}`)),
    );
  }
}

interface Source {
  name: string;
  alias: string;
  /** The outer side of a join: any of its columns may be null. */
  isOptional: boolean;
}

function tablesOf(node: SelectQueryNode): Source[] {
  const joins = node.joins ?? [];
  return [
    ...(node.from?.froms ?? []).map((from) =>
      sourceOf(
        from,
        joins.some(({ joinType }) => /Right|Full/.test(joinType)),
      ),
    ),
    ...joins.map(({ table, joinType }) => sourceOf(table, /Left|Full/.test(joinType))),
  ].filter((source) => source !== undefined);
}

function sourceOf(node: OperationNode, isOptional: boolean): Source | undefined {
  if (TableNode.is(node)) {
    const { name } = node.table.identifier;
    return { name, alias: name, isOptional };
  }
  if (!AliasNode.is(node) || !TableNode.is(node.node) || !IdentifierNode.is(node.alias)) return undefined;
  return { name: node.node.table.identifier.name, alias: node.alias.name, isOptional };
}

function withNulls(item: OrderByItemNode): OrderByItemNode {
  const isDescending =
    item.direction !== undefined &&
    RawNode.is(item.direction) &&
    /desc/i.test(item.direction.sqlFragments.join(""));
  return { ...item, nulls: isDescending ? "last" : "first" };
}
