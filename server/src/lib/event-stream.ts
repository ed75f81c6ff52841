import type { ServerResponse } from "node:http";
import type { HttpReply } from "./http.ts";

const TYPE = "text/event-stream";
const HEARTBEAT_MS = 15_000; // Proxies close a silent connection after 30 to 60 seconds.
const RETRY_MS = 2000; // How soon a browser comes back after the line broke.

/** Answers with server-sent events from here on, with a sign of life now and then. The caller writes, and ends it. */
export function openEventStream(reply: HttpReply): ServerResponse {
  reply.hijack();
  const { raw } = reply;
  // Set one by one, so that whoever stops the server can tell these answers from those that end by themselves.
  raw.setHeader("content-type", TYPE);
  raw.setHeader("cache-control", "no-store");
  raw.setHeader("x-accel-buffering", "no");
  raw.setHeader("x-content-type-options", "nosniff");
  raw.writeHead(200);
  raw.write(`retry: ${RETRY_MS}\n\n`);
  const heartbeat = setInterval(() => raw.write(": still here\n\n"), HEARTBEAT_MS);
  raw.once("close", () => clearInterval(heartbeat));
  return raw;
}

/** True for an answer that goes on until somebody ends it. */
export function isEventStream(response: ServerResponse): boolean {
  return response.getHeader("content-type") === TYPE;
}
