import type { Endpoint, ErrorAnswer, Given, Parsed } from "./http.ts";

/** Required when the operation declares a schema for it, else absent. */
type Part<Name extends string, T> = Given<T> extends undefined ? unknown : { [K in Name]: Given<T> };

/** What an operation needs: its parameters, query and body, and the project when it belongs to one. */
export type Input<E extends Endpoint> = Part<"params", E["params"]> &
  Partial<Part<"query", E["query"]>> &
  Part<"body", E["body"]> &
  (E["scope"] extends "project" ? { project: string } : { project?: string });
export type Answer<E extends Endpoint> = Parsed<E["answer"]>;

/** An `Input` when it no longer matters of which operation. */
export interface LooseInput {
  project?: string;
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

const PREFIX = "/api/atrium/v1"; // As API_PREFIX; this file is for browsers too and pulls in nothing.

/** The address of an operation, for requests as for links and copied code. */
export function addressOf(path: string, input: LooseInput): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name] ?? "")),
  );
  const search = Object.entries(input.query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined && one !== null && one !== "")
      .map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(String(one))}`),
  );
  const project = input.project ? `/p/${encodeURIComponent(input.project)}` : "";
  const query = search.length > 0 ? `?${search.join("&")}` : "";
  return `${project}${PREFIX}${filled}${query}`;
}

/** What a refusal says, also when it is not in our words (a proxy's page, say). */
export function errorOf(status: number, answer: unknown): ErrorAnswer["error"] {
  if (typeof answer === "object" && answer !== null && "error" in answer) {
    const { error } = answer as ErrorAnswer;
    if (typeof error?.message === "string") return error;
  }
  return { code: "internal", message: `The server answered ${status} without saying why.`, requestId: "" };
}
