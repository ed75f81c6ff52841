import { createServer as createHttpServer, request } from "node:http";
import { connect } from "node:net";
import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createGrpcDoor, HEALTH } from "./grpc.ts";
import { type Listener, listen } from "./listener.ts";

let listener: Listener;
let ready = true;
const door = createGrpcDoor(async () => ready);

beforeEach(async () => {
  const http = createHttpServer((_, answer) => answer.end("hello"));
  listener = await listen({ host: "127.0.0.1", port: 0, http, onHttp2: door.accept });
});

afterEach(async () => {
  const stopped = listener.stop();
  listener.destroy();
  await stopped;
});

test("HTTP/1.1 is answered", async () => {
  const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
  expect(await answer.text()).toBe("hello");
});

test("gRPC is answered on the same port", async () => {
  const Client = makeGenericClientConstructor(HEALTH, "Health");
  const client = new Client(`127.0.0.1:${listener.port}`, credentials.createInsecure());
  const check = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const call = client.Check as (
        body: Buffer,
        done: (error: Error | null, status: number) => void,
      ) => void;
      call.call(client, Buffer.alloc(0), (error, status) =>
        error === null ? resolve(status) : reject(error),
      );
    });
  expect(await check()).toBe(1);
  ready = false;
  expect(await check()).toBe(2);
  client.close();
});

test("a method that begins like HTTP/2's preface is still HTTP/1.1", async () => {
  const status = await new Promise((resolve) => {
    request({ port: listener.port, method: "PROPFIND" }, (answer) => resolve(answer.statusCode)).end();
  });
  expect(status).toBe(200);
});

test("a request that arrives byte by byte is understood", async () => {
  const socket = connect(listener.port, "127.0.0.1").setNoDelay(true);
  const answered = new Promise<string>((resolve) =>
    socket.once("data", (chunk) => resolve(chunk.toString())),
  );
  for (const byte of "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") {
    socket.write(byte);
    await new Promise(setImmediate);
  }
  expect(await answered).toMatch(/^HTTP\/1.1 200/);
  socket.destroy();
});

test("a port in use is one clear sentence", async () => {
  const http = createHttpServer();
  await expect(
    listen({ host: "127.0.0.1", port: listener.port, http, onHttp2: door.accept }),
  ).rejects.toThrow(
    `Port ${listener.port} on 127.0.0.1 is in use; stop what listens there or choose another with --port.`,
  );
});
