import type { z } from "zod";
import type { Permission } from "./permissions.ts";

/** One operation of our own HTTP API. The server, the web UI and the CLI all import this same value. */
export interface Endpoint {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/atrium/v1`; parameters as `:name`. */
  path: string;
  /** What the caller must be allowed to do somewhere in the scope, or `public`. The use-case checks the very resource. */
  permission: Permission | "public" | "signed-in";
  /** Where the permission is asked for: the request's project, its organisation, or the whole instance. */
  scope: "project" | "organisation" | "instance";
  summary: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** `bytes`: the body is a stream of any media type and size, and reaches the handler unread as `request.body`. */
  bodyKind?: "bytes";
  answer: z.ZodType;
  /** HTTP status of success; 200 when not given. */
  status?: 200 | 201 | 202 | 204;
}

/** What a caller writes for a schema, and what its reader gets: for code that only needs the types. */
export type Given<T> = T extends z.ZodType ? z.input<T> : undefined;
export type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

/** Declares one operation and keeps its exact types. */
export function endpoint<const E extends Endpoint>(declared: E): E {
  return declared;
}

export const API_PREFIX = "/api/atrium/v1";

/** The one error shape of our own API. */
export interface ErrorAnswer {
  error: { code: string; message: string; at?: string; requestId: string };
}
