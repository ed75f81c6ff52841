import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { departureOf } from "#lib/departure";
import type { DirectRoute } from "#lib/direct";
import type { TimedRequest } from "#lib/http-metrics";
import { admit, type GateOptions } from "./gate.ts";
import { takeProjectPrefix } from "./project-of.ts";

const BODY_BYTES_MAX = 1024 * 1024; // Of a longer one the framework's part is small.

interface DirectOptions {
  gate: GateOptions;
  /** On every answer. */
  headers: readonly (readonly [name: string, value: string])[];
  timed(request: TimedRequest): void;
}

export interface Direct {
  add(route: DirectRoute): void;
  /** Answers the request, or leaves it to the framework with its body unread. */
  take(request: IncomingMessage, response: ServerResponse, leave: () => void): void;
  /** Leaves everything to the framework from now on. */
  close(): void;
}

/** Answers plain requests of few routes without the framework, which would cost more than all else about them. */
export function createDirect({ gate, headers, timed }: DirectOptions): Direct {
  const routes: DirectRoute[] = [];
  const common = headers.flat();
  let closed = false;

  return {
    add: (route) => {
      routes.push(route);
    },
    take(request, response, leave) {
      const found = closed || !isPlain(request) ? undefined : find(takeProjectPrefix(request));
      if (found === undefined) leave();
      else void answer(found, { request, response, leave });
    },
    close: () => {
      closed = true;
    },
  };

  function find(path: string): Found | undefined {
    for (const route of routes) {
      const match = route.path.exec(path);
      if (match !== null) return { route, named: match.slice(1) };
    }
    return undefined;
  }

  async function answer({ route, named }: Found, { request, response, leave }: Exchange): Promise<void> {
    const startedMs = performance.now();
    const { headers: given, socket } = request;
    const id = randomUUID();
    const arrival = { id, ip: socket.remoteAddress ?? "", method: "POST", headers: given, raw: request };
    const projectId = await admit(arrival, route.permission, gate);
    if (projectId === undefined || closed) return leave();
    const body = await bodyOf(request);
    if (body === undefined) return; // Nobody waits for an answer any more.
    const asked = { id, projectId, named, headers: given, body, signal: departureOf(socket) };
    const { status, headers: own, bytes } = await route.answer(asked);
    timed({ method: "POST", route: route.pattern, status, tookMs: performance.now() - startedMs });
    const length = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
    response.writeHead(status, [...common, ...own.flat(), "content-length", String(length)]);
    response.end(bytes);
  }
}

interface Found {
  route: DirectRoute;
  named: readonly (string | undefined)[];
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  leave(): void;
}

/** By its head alone: a program that posts a short body with a token. */
function isPlain({ method, headers }: IncomingMessage): boolean {
  if (method !== "POST" || headers.origin !== undefined || headers.cookie !== undefined) return false;
  const { authorization, "content-length": length, "content-encoding": encoding } = headers;
  if (authorization?.startsWith("Bearer ") !== true || encoding !== undefined) return false;
  return length !== undefined && Number(length) <= BODY_BYTES_MAX;
}

/** Undefined when the client left before its end. */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.once("end", () => resolve(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)));
    request.once("error", () => resolve(undefined));
    request.once("close", () => resolve(undefined));
  });
}
