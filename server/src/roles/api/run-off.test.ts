import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { letUploadsRunOff, RUN_OFF_MS } from "./run-off.ts";
import { sendError } from "./serve.ts";

const SENT_BYTES = 32 * 1024 * 1024; // More than all buffers between two sockets hold.

let app: FastifyInstance;

beforeEach(async () => {
  app = Fastify();
  letUploadsRunOff(app);
  app.setErrorHandler(sendError);
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.put("/at-once", async () => {
    throw new AppError("unavailable", "Full.");
  });
  app.put("/later", async ({ body }) => {
    for await (const _ of (body as Readable).iterator({ destroyOnReturn: false })) break;
    throw new AppError("unavailable", "Full.");
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(() => app.close());

test.each(["/at-once", "/later"])("a sender of much hears why it was refused: %s", async (path) => {
  const { port } = app.server.address() as AddressInfo;
  const piece = Buffer.alloc(1024 * 1024);
  const bytes = Readable.from(Array.from({ length: SENT_BYTES / piece.length }, () => piece));
  const status = await new Promise((resolve, reject) => {
    const headers = { "content-length": SENT_BYTES, "content-type": "a/b" };
    const call = request({ port, path, method: "PUT", agent: false, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.once("error", reject);
    bytes.pipe(call);
  });
  expect(status).toBe(503);
});

test("a refusal of what has been read whole waits for nothing", async () => {
  const begunMs = performance.now();
  const answer = await app.inject({ method: "PUT", url: "/at-once", payload: { a: 1 } });
  expect(answer.statusCode).toBe(503);
  expect(performance.now() - begunMs).toBeLessThan(RUN_OFF_MS);
});
