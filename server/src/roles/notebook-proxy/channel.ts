import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { AppError } from "#lib/errors";

const HANDSHAKE_MS = 60_000; // A kernel that is just being started answers when it is there.

export interface Channel {
  socketPath: string;
  path: string;
  headers: Record<string, string | string[]>;
}

export interface OpenedChannel {
  answer: IncomingMessage;
  upstream: Duplex;
  head: Buffer;
}

/**
 * Opens a WebSocket to a Jupyter server: its answer to the handshake, and the connection when it agreed.
 * @throws AppError `unavailable` when there is no answer
 */
export function openChannel({ headers, ...where }: Channel): Promise<IncomingMessage | OpenedChannel> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...where,
      agent: false,
      timeout: HANDSHAKE_MS,
      headers: { ...headers, connection: "Upgrade", upgrade: "websocket" },
    });
    asked.once("upgrade", (answer, upstream, head) => resolve({ answer, upstream, head }));
    asked.once("response", resolve);
    asked.once("timeout", () => asked.destroy());
    asked.once("error", (cause) =>
      reject(
        new AppError("unavailable", "The notebook server does not answer.", { cause, retryAfterSeconds: 1 }),
      ),
    );
    asked.end();
  });
}

/** The handshake's answer as it goes over the line. */
export function handshakeOf({ headers }: IncomingMessage): string {
  const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket"];
  for (const name of ["sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions"]) {
    const value = headers[name];
    if (typeof value === "string") lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Joins both ends: what one side cannot take yet waits at the other; with one the other ends. */
export function join(browser: Duplex, { upstream, head }: OpenedChannel, fromBrowser: Buffer): void {
  const end = (): void => {
    browser.destroy();
    upstream.destroy();
  };
  for (const side of [browser, upstream]) {
    side.once("error", end);
    side.once("close", end);
  }
  if (head.length > 0) browser.write(head);
  if (fromBrowser.length > 0) upstream.write(fromBrowser);
  browser.pipe(upstream).pipe(browser);
}
