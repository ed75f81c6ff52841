import type { IncomingHttpHeaders } from "node:http";
import type { Permission } from "@atrium/contract/permissions";

/**
 * A route that is asked thousands of times a second and needs nothing of the framework. It is mounted there as well, by the
 * same functions: what is not plain (a body that is long or packed, a cookie, a page, a refusal) is answered there.
 */
export interface DirectRoute {
  /** Its pattern in the framework, by which it is measured. */
  pattern: string;
  /** Of a POST, asked for in the request's project. */
  permission: Permission;
  /** The groups are what the address names; no query, nothing percent-encoded. */
  path: RegExp;
  /** Must not throw. */
  answer(asked: DirectRequest): Promise<DirectAnswer>;
}

export interface DirectRequest {
  id: string;
  projectId: string;
  /** Groups of `path`. */
  named: readonly (string | undefined)[];
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Aborted when the client has left. */
  signal: AbortSignal;
}

export interface DirectAnswer {
  status: number;
  headers: readonly (readonly [name: string, value: string])[];
  bytes: string | Buffer;
}
