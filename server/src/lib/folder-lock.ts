import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3-multiple-ciphers";
import { AppError } from "./errors.ts";

/**
 * Claims a data folder for this process. The kernel gives the claim back however the process ends, `kill -9` included;
 * an empty SQLite file carries it, because Node has no file locks of its own.
 * @throws AppError `conflict` when another server holds the folder
 */
export function lockFolder(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const claim = new Sqlite(join(directory, "lock"), { timeout: 0 });
  try {
    claim.pragma("locking_mode=EXCLUSIVE");
    claim.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    claim.close();
    throw new AppError(
      "conflict",
      `Another Atrium server uses the data folder ${directory}; stop it or choose another with --data.`,
      {
        cause,
      },
    );
  }
  return () => claim.close();
}
