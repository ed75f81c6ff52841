import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3-multiple-ciphers";
import { AppError } from "./errors.ts";

/**
 * Claims a data folder for this process. The kernel gives the claim back however the process ends, `kill -9` included;
 * an empty SQLite file carries it, because Node has no file locks of its own.
 * @throws AppError `conflict` when another server holds the folder, `invalid` when it cannot be written
 */
export function lockFolder(directory: string): () => void {
  const claim = openClaim(directory);
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

function openClaim(directory: string): Sqlite.Database {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return new Sqlite(join(directory, "lock"), { timeout: 0 });
  } catch (cause) {
    throw new AppError(
      "invalid",
      `The data folder ${directory} cannot be made or written by this user; correct its rights or choose another with --data.`,
      { cause },
    );
  }
}
