import type { IncomingHttpHeaders } from "node:http";
import { IDENTITY_HEADER } from "#modules/notebooks";

// These are of one connection each (RFC 9110, 7.6.1), or ours to say.
const OF_A_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
// How our callers prove themselves to us is nothing to Jupyter, and what it trusts is not theirs to say.
const OURS =
  /^(authorization|cookie|content-length|forwarded|x-forwarded-.*|x-real-ip|x-scheme|x-atrium-.*)$/;
const OUR_COOKIES = /^(__Host-)?atrium_/;

/** What Jupyter gets of a request's headers, with what vouches for its sender. */
export function toJupyter(
  given: IncomingHttpHeaders,
  { identity, encrypted }: { identity: string; encrypted: boolean },
): Record<string, string | string[]> {
  const kept = Object.entries(given).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !OF_A_CONNECTION.has(entry[0]) && !OURS.test(entry[0]),
  );
  const cookies = (given.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "" && !OUR_COOKIES.test(pair));
  return {
    ...Object.fromEntries(kept),
    ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }),
    "x-forwarded-proto": encrypted ? "https" : "http",
    [IDENTITY_HEADER]: identity,
  };
}

/** What a browser gets of Jupyter's headers: it sets no cookie of ours. */
export function fromJupyter(given: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept = Object.entries(given).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !OF_A_CONNECTION.has(entry[0]) && entry[0] !== "server",
  );
  const cookies = (given["set-cookie"] ?? []).filter((cookie) => !OUR_COOKIES.test(cookie));
  const headers = Object.fromEntries(kept);
  delete headers["set-cookie"];
  return cookies.length === 0 ? headers : { ...headers, "set-cookie": cookies };
}
