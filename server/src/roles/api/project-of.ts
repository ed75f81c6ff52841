import type { IncomingMessage } from "node:http";
import type { Actor } from "#modules/identity";
import type { Arrival } from "./gate.ts";

const PREFIX = /^\/p\/([^/?#]+)(?=\/|\?|$)/;
const PROJECT_OF = Symbol("project named in the path");

interface Marked extends IncomingMessage {
  [PROJECT_OF]?: string;
}

/** Takes `/p/<project>` off the front of any address, so that every protocol works below it unchanged. */
export function takeProjectPrefix(request: IncomingMessage): string {
  const url = request.url ?? "/";
  const match = PREFIX.exec(url);
  if (match?.[1] === undefined) return url;
  (request as Marked)[PROJECT_OF] = match[1];
  const rest = url.slice(match[0].length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** What the request calls its project, if it says: path before header, header before the token's own. */
export function projectNamed(request: Pick<Arrival, "raw" | "headers">, actor: Actor): string | undefined {
  const fromPath = (request.raw as Marked)[PROJECT_OF];
  if (fromPath !== undefined) return decode(fromPath);
  const header = request.headers["x-atrium-project"] ?? request.headers["x-mlflow-workspace"];
  if (typeof header === "string" && header !== "") return header;
  return actor.boundProjectId;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // It then names no project, and is not found.
  }
}
