import { AppError } from "#lib/errors";
import type { Actor } from "./actor.ts";
import type { RequestOrigin } from "./door.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses an unsafe request that only a cookie vouches for, unless the browser says that our own page sent it. A token
 * is exempt: no browser adds one by itself. Browsers leave `Sec-Fetch-Site` out where the connection is not trusted,
 * but they send `Origin` with every unsafe request.
 * @throws AppError `forbidden`
 */
export function checkCsrf(actor: Actor, { method, headers }: RequestOrigin): void {
  if (actor.via.kind !== "session" || SAFE_METHODS.has(method.toUpperCase())) return;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) {
    if (site === "same-origin" || site === "none") return;
    throw foreign();
  }
  const { origin, host } = headers;
  if (typeof origin !== "string" || typeof host !== "string") throw foreign();
  if (origin.toLowerCase().replace(/^https?:\/\//, "") !== host.toLowerCase()) throw foreign();
}

function foreign(): AppError {
  return new AppError(
    "forbidden",
    "A session's cookie only changes things from this server's own pages; programs send a token instead.",
    { reason: "csrf" },
  );
}
