import { randomUUID } from "node:crypto";
import { createServer, type Server as HttpServer, type ServerResponse } from "node:http";
import type { Endpoint } from "@atrium/contract/http";
import cookie from "@fastify/cookie";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { AppError } from "#lib/errors";
import { isEventStream } from "#lib/event-stream";
import type { Serve } from "#lib/http";
import type { TimedRequest } from "#lib/http-metrics";
import type { Actor } from "#modules/identity";
import { createDirect, type Direct } from "./direct.ts";
import { type GateOptions, type MountedRoute, putGate } from "./gate.ts";
import { createOriginGuard } from "./origin.ts";
import { takeProjectPrefix } from "./project-of.ts";
import "./request.ts";
import { letUploadsRunOff } from "./run-off.ts";
import { createServe, sendError } from "./serve.ts";
import { addSecurityHeaders, isPage, mountWeb, readPage, securityHeaders } from "./web.ts";

const HEADERS_TIMEOUT_MS = 15_000; // Slow headers are an attack or a dead line.
const KEEP_ALIVE_MS = 75_000; // Longer than common proxies keep theirs, so that they never reuse a dying one.
const URL_BYTES_MAX = 16 * 1024; // Long filters travel in query strings of some clients.

export interface AppOptions extends Omit<GateOptions, "checkOrigin"> {
  allowedHosts: readonly string[];
  listenHost: string;
  encrypted: boolean;
  logger: FastifyBaseLogger;
  /** Begins to look at each request's duration, and takes those of requests that the framework did not see. */
  observe(app: FastifyInstance): (request: TimedRequest) => void;
  /** Mounts everything: own operations through `serve`, protocols and streams through `app`. */
  mount(app: FastifyInstance, serve: Serve<Actor>, others: Others): Promise<void>;
}

export interface Others {
  /** All that went through `serve`. */
  endpoints: readonly Endpoint[];
  direct: Direct;
}

export interface App {
  http: HttpServer;
  /** Ends the streams that would go on for ever; what else is being answered goes on. */
  endStreams(): void;
  /** Resolves once nothing is being answered. */
  idle(): Promise<void>;
  fastify: FastifyInstance;
  routes: readonly MountedRoute[];
  endpoints: readonly Endpoint[];
}

/** Builds the HTTP side: gate first, then every route, then the web UI. It does not listen by itself. */
export async function createApp(options: AppOptions): Promise<App> {
  let http: HttpServer | undefined;
  let direct: Direct | undefined;
  const fastify = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    // Addresses that cannot be decoded are refused before there is a route, so nobody else gives the answer its form.
    frameworkErrors: sendError,
    rewriteUrl: takeProjectPrefix,
    routerOptions: { maxParamLength: 2048, ignoreTrailingSlash: true },
    serverFactory: (handler) => {
      http = createServer(
        { maxHeaderSize: URL_BYTES_MAX, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0 },
        (request, response) => {
          if (direct === undefined) handler(request, response);
          else direct.take(request, response, () => handler(request, response));
        },
      );
      http.keepAliveTimeout = KEEP_ALIVE_MS;
      return http;
    },
  });
  fastify.setErrorHandler(sendError);
  letUploadsRunOff(fastify);
  const checkOrigin = createOriginGuard(options.allowedHosts, options.listenHost);
  await fastify.register(cookie);
  const gate = { ...options, checkOrigin };
  const routes = putGate(fastify, gate);
  const headers = securityHeaders(options.encrypted);
  addSecurityHeaders(fastify, headers);
  const { serve, endpoints } = createServe(fastify);
  direct = createDirect({ gate, headers, timed: options.observe(fastify) });
  fastify.addHook("preClose", async () => direct?.close());
  await options.mount(fastify, serve, { endpoints, direct });
  await mountWeb(fastify);
  const page = readPage();
  fastify.setNotFoundHandler(async (request, reply) => {
    if (page !== undefined && isPage(request.method, request.url, request.headers.accept)) {
      return reply.type("text/html; charset=utf-8").header("cache-control", "no-cache").send(page);
    }
    throw new AppError("not_found", `There is nothing at ${request.method} ${request.url.split("?", 1)[0]}.`);
  });
  await fastify.ready();
  if (http === undefined) throw new Error("The framework made no server.");
  return { http, ...answersOf(http), fastify, routes, endpoints };
}

/** Its own list, because a server that is handed its connections does not know them when it closes. */
function answersOf(http: HttpServer): Pick<App, "endStreams" | "idle"> {
  const answering = new Set<ServerResponse>();
  let onIdle = (): void => {};
  http.on("request", (_request, response: ServerResponse) => {
    answering.add(response);
    response.once("close", () => {
      answering.delete(response);
      if (answering.size === 0) onIdle();
    });
  });
  return {
    endStreams: () => {
      for (const response of answering) if (isEventStream(response)) response.end();
    },
    idle: () =>
      new Promise((resolve) => {
        onIdle = resolve;
        if (answering.size === 0) resolve();
      }),
  };
}
