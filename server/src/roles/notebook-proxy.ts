import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import type { AccessControl } from "#modules/identity";
import { BODY_BYTES_MAX, CHANNELS_MAX, type NotebookServers, RECHECK_MS } from "#modules/notebooks";
import { handshakeOf, join, openChannel } from "./notebook-proxy/channel.ts";
import { forward } from "./notebook-proxy/forward.ts";
import { fromJupyter, toJupyter } from "./notebook-proxy/headers.ts";
import { waitingPage } from "./notebook-proxy/page.ts";
import { routeUpgrades, type Upgrade, upgradeOf } from "./notebook-proxy/upgrades.ts";

// Both are on every page of the lab: its own scripts, which it makes as it goes, and frames for what notebooks show.
const POLICY = "frame-ancestors 'self'; object-src 'none'; base-uri 'self'";

export interface NotebookProxyDeps {
  servers: NotebookServers;
  access: AccessControl;
  encrypted: boolean;
  /** Throws when the caller may no longer be here. */
  stillSignedIn(request: FastifyRequest): Promise<unknown>;
}

type Params = { user: string };
type Asked = FastifyRequest<{ Params: Params }>;

/**
 * Jupyter servers under one address of ours, `/p/<project>/user/<person>/`: every request and every WebSocket goes through the
 * gate as any other does, and reaches the socket with a header that vouches for its sender.
 */
export async function mountNotebookProxy(app: FastifyInstance, deps: NotebookProxyDeps): Promise<void> {
  routeUpgrades(app);
  const channels = createChannels(deps);
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    const config = { permission: "notebook:write", scope: "project" } as const;
    scope.post<{ Params: Params }>("/user/:user/start", { config }, async (request, reply) => {
      refuseOthers(request);
      await deps.servers.start(request.actor, request.projectId, { requirements: [] });
      return reply.redirect(`${baseOf(request)}lab`, 303);
    });
    scope.route<{ Params: Params }>({
      method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
      url: "/user/:user/*",
      bodyLimit: BODY_BYTES_MAX,
      config,
      handler: (request, reply) => {
        const upgrade = upgradeOf(request.raw);
        return upgrade === undefined ? pass(deps, request, reply) : channels.open(request, reply, upgrade);
      },
    });
  });
}

async function pass(deps: NotebookProxyDeps, request: Asked, reply: FastifyReply): Promise<FastifyReply> {
  const { servers, encrypted } = deps;
  const reached = await servers.reach(request.actor, request.projectId, request.params.user);
  if (reached.kind === "away") return sayAway(deps, request, reply);
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  try {
    const answer = await forward({
      socketPath: reached.socketPath,
      method: request.method,
      path: pathOf(request),
      headers: toJupyter(request.headers, { identity: reached.identity, encrypted }),
      body: request.body as Buffer | undefined,
      signal: gone.signal,
    });
    reply.code(answer.statusCode ?? 502).headers(fromJupyter(answer.headers));
    if (!reply.hasHeader("content-security-policy")) reply.header("content-security-policy", POLICY);
    return reply.send(answer);
  } catch (thrown) {
    if (wantsPage(request)) return sayAway(deps, request, reply);
    throw thrown;
  }
}

/** Where Jupyter would be: a page that waits for it, for those who can read one. */
async function sayAway(
  { servers }: NotebookProxyDeps,
  request: Asked,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!wantsPage(request))
    throw new AppError("unavailable", "The notebook server does not run, or not yet.", {
      retryAfterSeconds: 1,
    });
  const server = await servers.get(request.actor, request.projectId).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.code === "not_found") return undefined;
    throw thrown;
  });
  reply.header("cache-control", "no-store").type("text/html; charset=utf-8");
  return reply.send(waitingPage(server, `${baseOf(request)}start`));
}

function createChannels({ servers, access, encrypted, stillSignedIn }: NotebookProxyDeps) {
  let count = 0;
  return { open };

  async function open(request: Asked, reply: FastifyReply, upgrade: Upgrade): Promise<FastifyReply> {
    refuseForeign(request);
    if (count >= CHANNELS_MAX)
      throw new AppError("unavailable", "Too many kernels are connected; close a notebook.", {
        retryAfterSeconds: 5,
      });
    const reached = await servers.reach(request.actor, request.projectId, request.params.user);
    if (reached.kind === "away")
      throw new AppError("unavailable", "The notebook server does not run, or not yet.", {
        retryAfterSeconds: 1,
      });
    count += 1;
    upgrade.socket.once("close", () => {
      count -= 1;
    });
    const opened = await openChannel({
      socketPath: reached.socketPath,
      path: pathOf(request),
      headers: toJupyter(request.headers, { identity: reached.identity, encrypted }),
    });
    if (!("upstream" in opened)) {
      return reply
        .code(opened.statusCode ?? 502)
        .headers(fromJupyter(opened.headers))
        .send(opened);
    }
    if (upgrade.socket.destroyed) opened.upstream.destroy();
    reply.hijack();
    upgrade.take();
    upgrade.socket.write(handshakeOf(opened.answer));
    join(upgrade.socket, opened, upgrade.head);
    endWhenRevoked(request, upgrade);
    return reply;
  }

  /** A channel stands for hours: who was signed out, or lost the right to it, is cut off. */
  function endWhenRevoked(request: Asked, { socket }: Upgrade): void {
    const place = { kind: "project", projectId: request.projectId } as const;
    const recheck = setInterval(() => {
      stillSignedIn(request)
        .then(() => access.require(request.actor, "notebook:write", place))
        .catch(() => socket.destroy());
    }, RECHECK_MS);
    recheck.unref();
    socket.once("close", () => clearInterval(recheck));
  }
}

/** A session's cookie opens a channel from our own pages alone: browsers say where they are with each of them. */
function refuseForeign({ actor, headers }: FastifyRequest): void {
  if (actor.via.kind !== "session") return;
  const { origin, host } = headers;
  if (
    origin !== undefined &&
    host !== undefined &&
    origin.replace(/^https?:\/\//, "").toLowerCase() === host.toLowerCase()
  )
    return;
  throw new AppError(
    "forbidden",
    "A session opens kernels from this server's own pages alone; programs send a token.",
  );
}

function refuseOthers({ actor, params }: Asked): void {
  if (params.user !== actor.id)
    throw new AppError("not_found", "There is no notebook server of yours at this address.");
}

function wantsPage({ method, headers }: FastifyRequest): boolean {
  return method === "GET" && (headers.accept ?? "").includes("text/html");
}

/** By ids: the address that Jupyter knows, whatever name of the project the browser uses. */
function baseOf({ projectId, params }: Asked): string {
  return `/p/${projectId}/user/${encodeURIComponent(params.user)}/`;
}

function pathOf(request: Asked): string {
  const rest = /^(?:\/p\/[^/?#]+)?\/user\/[^/?#]+\/(.*)$/s.exec(request.originalUrl)?.[1] ?? "";
  return baseOf(request) + rest;
}
