import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** Statements over rows given as values, by the engine whose dialect they are written in. */
export async function openOfflineTables() {
  const folder = mkdtempSync(join(tmpdir(), "atrium-offline-"));
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection: DuckDBConnection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  return {
    /** `columns` as in a create statement: `"k" BIGINT, "ts" TIMESTAMP`. */
    async put(table: string, columns: string, rows: readonly object[]): Promise<void> {
      const file = join(folder, `${table}.json`);
      await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      await connection.run(`create or replace table "${table}" (${columns})`);
      if (rows.length > 0) await connection.run(`copy "${table}" from '${file}' (format json)`);
    },
    async rows(sql: string): Promise<Record<string, unknown>[]> {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
    },
    close(): void {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
