import type { Socket } from "node:net";

const departures = new WeakMap<Socket, AbortSignal>();

/** Aborted when a connection's client has left: what nobody waits for need not be computed. One for all its requests. */
export function departureOf(socket: Socket): AbortSignal {
  const known = departures.get(socket);
  if (known !== undefined) return known;
  const leaving = new AbortController();
  socket.once("close", () => leaving.abort());
  departures.set(socket, leaving.signal);
  return leaving.signal;
}
