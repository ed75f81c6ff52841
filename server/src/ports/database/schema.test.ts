import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { MIGRATIONS, openTestDatabase, TEST_ENGINE } from "../../testing/database.ts";
import type { Tx } from "./database.ts";

const HEADER = `-- What all migrations add up to, for people: tables with their columns and keys, then indexes (checks and references stand
-- in the migrations). Nothing reads it.
-- A test compares it with both engines; \`vitest run --project unit server/src/ports/database/schema.test.ts -u\` writes it anew.
`;

interface Column {
  name: string;
  type: string;
  nullable: boolean;
}

interface Table {
  name: string;
  columns: Column[];
  /** Indexes and keys in words, sorted. */
  keys: string[];
}

test("the schema of this engine is the one that schema.sql shows", async () => {
  const db = await openTestDatabase();
  const schema = TEST_ENGINE === "sqlite" ? await readSqlite(db.reader) : await readPostgres(db.reader);
  await db.close();
  const text = HEADER + schema.map(describe).join("");
  await expect(text).toMatchFileSnapshot(join(MIGRATIONS, "schema.sql"));
}, 30_000);

function describe({ name, columns, keys }: Table): string {
  const lines = columns.map(
    (column) => `  ${column.name} ${column.type}${column.nullable ? "" : " not null"}`,
  );
  const inside = keys.filter((key) => !key.startsWith("create")).map((key) => `  ${key}`);
  const outside = keys.filter((key) => key.startsWith("create")).map((key) => `${key};\n`);
  return `\ncreate table ${name} (\n${[...lines, ...inside].join(",\n")}\n);\n${outside.join("")}`;
}

const ENGINE_TYPES: Record<string, string> = {
  integer: "bigint",
  real: "double",
  blob: "bytes",
  text: "text",
  bigint: "bigint",
  "double precision": "double",
  bytea: "bytes",
};

async function rowsOf<Row>(tx: Tx, text: string): Promise<Row[]> {
  return (await sql.raw<Row>(text).execute(tx.kysely)).rows;
}

async function readSqlite(tx: Tx): Promise<Table[]> {
  const names = await rowsOf<{ name: string }>(
    tx,
    "select name from sqlite_schema where type = 'table' and name like '%\\_%' escape '\\' and name not like 'sqlite\\_%' escape '\\' order by name",
  );
  return Promise.all(
    names.map(async ({ name }) => {
      const columns = await rowsOf<{ name: string; type: string; notnull: number; pk: number }>(
        tx,
        `select name, lower(type) as type, "notnull", pk from pragma_table_info('${name}') order by cid`,
      );
      const primary = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
      const indexes = await rowsOf<{ name: string; isUnique: number; origin: string; text: string | null }>(
        tx,
        `select i.name, i."unique" as isUnique, i.origin, s.sql as text from pragma_index_list('${name}') i
          left join sqlite_schema s on s.name = i.name where i.origin <> 'pk'`,
      );
      const keys = await Promise.all(
        indexes.map(async (index) => {
          const parts = await rowsOf<{ name: string; desc: number }>(
            tx,
            `select name, "desc" from pragma_index_xinfo('${index.name}') where key = 1 order by seqno`,
          );
          const list = parts.map((part) => `${part.name}${part.desc === 1 ? " desc" : ""}`).join(", ");
          const where = /\bwhere\b([\s\S]*)$/.exec(index.text ?? "")?.[1];
          return keyOf({ table: name, name: index.name, isUnique: index.isUnique === 1, list, where });
        }),
      );
      return {
        name,
        columns: columns.map((column) => ({
          name: column.name,
          type: ENGINE_TYPES[column.type] ?? column.type,
          nullable: column.notnull === 0 && column.pk === 0,
        })),
        keys: [`primary key (${primary.map((column) => column.name).join(", ")})`, ...keys.sort()],
      };
    }),
  );
}

async function readPostgres(tx: Tx): Promise<Table[]> {
  const columns = await rowsOf<{
    table: string;
    name: string;
    type: string;
    nullable: number;
    collation: string;
  }>(
    tx,
    `select table_name as table, column_name as name, data_type as type, is_nullable = 'YES' as nullable, collation_name as collation
      from information_schema.columns where table_schema = current_schema() order by table_name collate "C", ordinal_position`,
  );
  const indexes = await rowsOf<{
    table: string;
    name: string;
    primary: number;
    isUnique: number;
    list: string;
    where: string;
  }>(
    tx,
    `select t.relname as table, c.relname as name, i.indisprimary as primary, i.indisunique as "isUnique",
       (select string_agg(replace(pg_get_indexdef(i.indexrelid, k + 1, true), '"', '')
         || case when i.indoption[k] & 1 = 1 then ' desc' else '' end, ', ' order by k)
        from generate_series(0, i.indnkeyatts - 1) as k) as list,
       pg_get_expr(i.indpred, i.indrelid, true) as where
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
      join pg_namespace n on n.oid = t.relnamespace where n.nspname = current_schema()`,
  );
  const names = [...new Set(columns.map(({ table }) => table))];
  return names.map((name) => {
    const own = indexes.filter(({ table }) => table === name);
    const primary = own.find((index) => index.primary === 1);
    return {
      name,
      columns: columns
        .filter(({ table }) => table === name)
        .map((column) => ({
          name: column.name,
          type:
            column.type === "text" && column.collation !== "C"
              ? "text in a locale"
              : (ENGINE_TYPES[column.type] ?? column.type),
          nullable: column.nullable === 1,
        })),
      keys: [
        `primary key (${primary?.list ?? ""})`,
        ...own
          .filter((index) => index.primary === 0)
          .map((index) => keyOf({ ...index, isUnique: index.isUnique === 1 }))
          .sort(),
      ],
    };
  });
}

function keyOf(index: {
  table: string;
  name: string;
  isUnique: boolean;
  list: string;
  where: string | null | undefined;
}): string {
  // A `unique` of the table itself gets a name from each engine; only its columns are ours.
  const isOwn = /^sqlite_autoindex_|_key\d*$/.test(index.name);
  if (isOwn && index.isUnique) return `unique (${index.list})`;
  const where = index.where
    ? ` where ${index.where
        .trim()
        .toLowerCase()
        .replaceAll(/[()]|::\w+/g, "")}`
    : "";
  return `create ${index.isUnique ? "unique " : ""}index ${index.name} on ${index.table} (${index.list})${where}`;
}
