import Sqlite from "better-sqlite3-multiple-ciphers";
import { AppError } from "#lib/errors";

const CACHE_KIB = 64 * 1024; // Decrypted pages are kept: below 64 MiB a point read costs half as much again.
const BUSY_MS = 5000; // Only the checkpointing worker ever shares the write lock with us, for microseconds.

export interface SqliteLocation {
  file: string;
  /** 32 bytes; every page of the file, its log and its temporary files is sealed with it. */
  key: Buffer;
}

/** Opens one keyed connection.
 *  @throws AppError `unavailable` when the key does not open the file; nothing has been written then. */
export function openConnection(location: SqliteLocation, access: "read" | "write"): Sqlite.Database {
  const connection = new Sqlite(location.file, { readonly: access === "read", timeout: BUSY_MS });
  try {
    connection.pragma("cipher='aegis'");
    connection.pragma(`key='raw:${location.key.toString("hex")}'`);
    connection.pragma("temp_store=MEMORY");
    connection.pragma(`cache_size=-${CACHE_KIB}`);
    // SQLite's own LIKE ignores case; PostgreSQL's does not, and search grammars count on that.
    connection.pragma("case_sensitive_like=ON");
    connection.prepare("select count(*) from sqlite_schema").get();
  } catch (cause) {
    connection.close();
    throw new AppError(
      "unavailable",
      `The key does not open the database ${location.file}; start with the key it was made with. Nothing was changed.`,
      { cause },
    );
  }
  return connection;
}
