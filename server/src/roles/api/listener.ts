import type { Server as HttpServer } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { AppError } from "#lib/errors";

const FIRST_BYTES_TIMEOUT_MS = 10_000; // A client that connects and says nothing holds a socket for this long at most.
const PREFACE = "PRI"; // HTTP/2 begins with "PRI * HTTP/2.0"; no HTTP/1.1 method does. "PR" alone may be PROPFIND.
const CONNECTIONS_MAX = 10_000; // Below the usual limit of open files, with room for files of our own.

export interface Listener {
  port: number;
  /** Refuses new connections at once; those that are open end by themselves or with `destroy`. */
  stop(): Promise<void>;
  destroy(): void;
  /** New connections get this certificate; open ones keep theirs. Only under TLS. */
  useCertificate(tls: { cert: string | Buffer; key: string | Buffer }): void;
}

export interface ListenOptions {
  host: string;
  port: number;
  http: HttpServer;
  /** Takes a connection that speaks HTTP/2; gRPC is loaded when the first one comes. */
  onHttp2: (socket: Socket) => void;
  tls?: { cert: string | Buffer; key: string | Buffer };
}

/**
 * One port for HTTP/1.1 and gRPC: told apart by ALPN under TLS, by the first three bytes otherwise.
 * @throws AppError `conflict` when the port is taken, `invalid` when the address is not ours
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = options.tls === undefined ? plainServer(options) : tlsServer(options, options.tls);
  server.maxConnections = CONNECTIONS_MAX;
  server.on("connection", (socket: Socket) => {
    socket.setNoDelay(true); // Small answers would wait 40 ms for a delayed acknowledgement otherwise.
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(explain(cause, options)));
    server.listen(options.port, options.host, resolve);
  });
  // An http.Server that never listens itself does not arm its header timeout; this does.
  options.http.emit("listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
    useCertificate: (tls) => {
      if ("setSecureContext" in server) (server as TlsServer).setSecureContext(tls);
    },
  };
}

function plainServer(options: ListenOptions): Server {
  return createTcpServer({ pauseOnConnect: true }, (socket) => {
    let seen = Buffer.alloc(0);
    const silent = setTimeout(() => socket.destroy(), FIRST_BYTES_TIMEOUT_MS);
    socket.on("error", () => socket.destroy());
    const look = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const text = seen.toString("latin1", 0, PREFACE.length);
      if (text.length < PREFACE.length && PREFACE.startsWith(text)) return;
      clearTimeout(silent);
      socket.pause();
      socket.off("data", look);
      socket.unshift(seen);
      if (text === PREFACE) {
        options.onHttp2(socket); // It resumes the socket itself, once its library is loaded.
        return;
      }
      options.http.emit("connection", socket);
      socket.resume();
    };
    socket.on("data", look);
    socket.once("close", () => clearTimeout(silent));
    socket.resume();
  });
}

function tlsServer(options: ListenOptions, tls: { cert: string | Buffer; key: string | Buffer }): Server {
  const server = createTlsServer({
    cert: tls.cert,
    key: tls.key,
    minVersion: "TLSv1.2",
    ALPNCallback: ({ protocols }) =>
      protocols.includes("http/1.1") || !protocols.includes("h2") ? "http/1.1" : "h2",
  });
  server.on("secureConnection", (socket) => {
    if (socket.alpnProtocol === "h2") options.onHttp2(socket);
    else options.http.emit("connection", socket);
  });
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

function explain(cause: unknown, { host, port }: ListenOptions): unknown {
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  if (code === "EADDRINUSE") {
    return new AppError(
      "conflict",
      `Port ${port} on ${host} is in use; stop what listens there or choose another with --port.`,
      { cause },
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new AppError("invalid", `${host} is not an address of this machine; choose another with --host.`, {
      cause,
    });
  }
  if (code === "EACCES") {
    return new AppError(
      "invalid",
      `Port ${port} needs rights this user does not have; choose one above 1023.`,
      { cause },
    );
  }
  return cause;
}
