import { type IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";

/** The connection behind a request that wants to be a WebSocket, with what has come of it already. */
export interface Upgrade {
  socket: Duplex;
  head: Buffer;
  /** Takes the connection over; until then an answer goes over it as to any request. */
  take(): void;
}

const UPGRADES = new WeakMap<IncomingMessage, Upgrade>();

/** Undefined for an ordinary request. */
export function upgradeOf(request: IncomingMessage): Upgrade | undefined {
  return UPGRADES.get(request);
}

/** Lets requests for a WebSocket through the same gate and routes as all others: one that is refused gets its answer. */
export function routeUpgrades(app: FastifyInstance): void {
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = new ServerResponse(request);
    const broken = (): void => void socket.destroy();
    socket.on("error", broken);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
    response.once("finish", () => socket.end());
    UPGRADES.set(request, {
      socket,
      head,
      take: () => response.detachSocket(socket as Parameters<typeof response.detachSocket>[0]),
    });
    app.routing(request, response);
  });
}
