import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBValue,
  StatementType,
} from "@duckdb/node-api";
import { encodeValue } from "./duckdb-values.ts";
import type { OfflineColumn, OfflineTable, OfflineValue } from "./offline-engine.ts";

/** What the parent sends: paths are open files of the parent's. */
export interface DuckdbQuestion {
  id: number;
  tables: readonly { name: string; format: OfflineTable["format"]; paths: readonly string[] }[];
  sql: string;
  parameters: readonly (string | number | boolean | null)[];
  rowsMax: number;
  memoryMiB: number;
  threads: number;
  /** Where the result goes as Parquet; else its rows are the answer. */
  exportTo: string | undefined;
}

export type DuckdbAnswer =
  | { id: number; columns: OfflineColumn[]; rows: OfflineValue[][] }
  | { id: number; columns: OfflineColumn[]; rowCount: number }
  | {
      id: number;
      error: { code: "invalid" | "exhausted" | "unavailable"; message: string; reason?: string };
    };

const RESULT_CHARACTERS_MAX = 16 * 1024 * 1024; // Crosses to the parent's event loop in one piece.
const ROW_GROUP = 122_880; // DuckDB's own; said here so that memory needed for an export does not follow its defaults.

class TooMuch extends Error {}

// The kernel should take this process before the server, and the server should get the processor before it.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
try {
  writeFileSync("/proc/self/oom_score_adj", "1000");
} catch {
  // Only a preference: some containers do not let a process say it.
}

process.on("disconnect", () => process.kill(process.pid, "SIGKILL")); // Nobody is left to answer to.
process.on("message", (question: DuckdbQuestion) => {
  void answer(question).then((given) => process.send?.(given));
});

async function answer(question: DuckdbQuestion): Promise<DuckdbAnswer> {
  let instance: DuckDBInstance | undefined;
  try {
    // One for each question: nothing of a project is there when the next one comes.
    instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
      memory_limit: `${question.memoryMiB}MiB`,
      threads: String(question.threads),
      // Without a folder nothing spills: what does not fit in memory fails instead of lying plain on a disk.
      temp_directory: "",
      max_temp_directory_size: "0KiB",
    });
    const connection = await instance.connect();
    await confine(connection, question);
    const statement = await prepareOnly(connection, question.sql);
    return question.exportTo === undefined
      ? await rowsOf(statement, question)
      : await exportTo(connection, { statement, question, path: question.exportTo });
  } catch (thrown) {
    return { id: question.id, error: explain(thrown, question) };
  } finally {
    instance?.closeSync();
  }
}

/** Shows the tables as views and locks everything else away. */
async function confine(
  connection: DuckDBConnection,
  { tables, exportTo: target }: DuckdbQuestion,
): Promise<void> {
  const paths = tables.flatMap((table) => table.paths);
  const allowed = [...paths, ...(target === undefined ? [] : [target])];
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET allowed_paths = [${allowed.map(quoteText).join(", ")}]`);
  await connection.run("SET enable_external_access = false");
  for (const table of tables) {
    const list = `[${table.paths.map(quoteText).join(", ")}]`;
    const view = `CREATE VIEW ${quoteName(table.name)} AS SELECT * FROM ${READERS[table.format](list)}`;
    await connection.run(view).catch((thrown: unknown) => {
      // The statement is ours: what the engine shows of it would only puzzle whoever sent the file.
      throw new Error(String(thrown instanceof Error ? thrown.message : thrown).split("\n\nLINE ")[0]);
    });
  }
  await connection.run("SET lock_configuration = true");
}

// Every line is looked at for a column's type, so that what a first glance takes for numbers does not fail at the end.
const READERS: Record<OfflineTable["format"], (list: string) => string> = {
  parquet: (list) => `read_parquet(${list})`,
  csv: (list) => `read_csv(${list}, sample_size = -1)`,
  json: (list) => `read_json(${list}, format = 'newline_delimited', sample_size = -1)`,
};

/** @throws Error unless the text is one statement that only reads */
async function prepareOnly(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql).catch((thrown: unknown) => {
    // DuckDB's binding has no words for a text without a statement.
    if (String(thrown).includes("native callback")) throw new Error("There is no statement in it.");
    throw thrown;
  });
  if (statements.count !== 1)
    throw new Error("Give one statement; this text has several, or a PIVOT of unknown values.");
  const statement = await statements.prepare(0);
  if (statement.statementType !== StatementType.SELECT) {
    throw new Error(
      `Only SELECT is allowed here, and this is ${StatementType[statement.statementType] ?? "not one"}.`,
    );
  }
  return statement;
}

async function rowsOf(statement: DuckDBPreparedStatement, question: DuckdbQuestion): Promise<DuckdbAnswer> {
  bind(statement, question.parameters);
  const result = await statement.stream();
  const rows: OfflineValue[][] = [];
  let characters = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    if (rows.length + chunk.rowCount > question.rowsMax) {
      throw new TooMuch(`The result has more than ${question.rowsMax} rows; add a LIMIT.`);
    }
    for (const row of chunk.getRows() as DuckDBValue[][]) {
      const encoded = row.map(encodeValue);
      for (const value of encoded) characters += weigh(value);
      if (characters > RESULT_CHARACTERS_MAX) {
        throw new TooMuch(`The result has more than ${RESULT_CHARACTERS_MAX} characters; ask for less.`);
      }
      rows.push(encoded);
    }
  }
  const names = result.columnNames();
  const columns = names.map((name, i) => ({ name, type: String(result.columnType(i)) }));
  return { id: question.id, columns, rows };
}

function weigh(value: OfflineValue): number {
  if (typeof value === "string") return value.length;
  return typeof value === "object" && value !== null ? JSON.stringify(value).length : 8;
}

async function exportTo(
  connection: DuckDBConnection,
  {
    statement,
    question,
    path,
  }: { statement: DuckDBPreparedStatement; question: DuckdbQuestion; path: string },
): Promise<DuckdbAnswer> {
  const columns = Array.from({ length: statement.columnCount }, (_, i) => ({
    name: statement.columnName(i),
    type: String(statement.columnType(i)),
  }));
  // It was prepared alone, so it is one whole SELECT, and what is put around it stays around it.
  const select = question.sql.trim().replace(/;+$/, "");
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}, USE_TMP_FILE false`;
  const copy = await connection.prepare(`COPY (\n${select}\n) TO ${quoteText(path)} (${options})`);
  bind(copy, question.parameters);
  const result = await copy.run();
  const [[count] = []] = await result.getRows();
  return { id: question.id, columns, rowCount: Number(count ?? 0) };
}

function bind(statement: DuckDBPreparedStatement, parameters: DuckdbQuestion["parameters"]): void {
  if (statement.parameterCount !== parameters.length) {
    throw new Error(
      `The statement has ${statement.parameterCount} parameters, but ${parameters.length} values came.`,
    );
  }
  for (const [i, value] of parameters.entries()) {
    if (typeof value === "number" && Number.isSafeInteger(value)) statement.bindBigInt(i + 1, BigInt(value));
    else statement.bindValue(i + 1, value);
  }
}

type Failure = Extract<DuckdbAnswer, { error: object }>["error"];

function explain(thrown: unknown, question: DuckdbQuestion): Failure {
  const message = nameTables(thrown instanceof Error ? thrown.message : String(thrown), question);
  if (thrown instanceof TooMuch) return { code: "exhausted", message, reason: "rows" };
  if (/^Out of Memory Error|No space left on device|temporary directory/i.test(message)) {
    const words = `It needs more than the ${question.memoryMiB} MiB of memory that it may use; ask for less at once.`;
    return { code: "exhausted", message: words, reason: "memory" };
  }
  return { code: "invalid", message };
}

/** Our paths mean nothing to a reader, the names of the tables do. */
function nameTables(message: string, { tables }: DuckdbQuestion): string {
  let text = message;
  for (const { name, paths } of tables) for (const path of paths) text = text.replaceAll(path, name);
  return text.slice(0, 4000);
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
