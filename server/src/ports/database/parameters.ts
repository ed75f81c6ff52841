import { AppError } from "#lib/errors";

/**
 * Refuses values that the engines would take differently. SQLite stores NaN as null and keeps a text with a NUL that
 * PostgreSQL refuses; PostgreSQL's driver turns objects into JSON and SQLite's refuses them.
 * @throws AppError `invalid` for text with a NUL, which can come from outside; anything else is a bug
 */
export function checkParameters(parameters: readonly unknown[]): void {
  for (const value of parameters) {
    if (typeof value === "string") {
      if (!value.includes("\0")) continue;
      throw new AppError("invalid", "Text must not contain the character NUL (U+0000).");
    }
    if (value === null || typeof value === "bigint" || value instanceof Uint8Array) continue;
    if (typeof value === "number" && !Number.isNaN(value)) continue;
    throw new TypeError(`The database stores no ${typeof value === "number" ? "NaN" : typeof value}.`);
  }
}
