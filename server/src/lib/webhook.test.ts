import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { isPublic } from "./address.ts";
import { sendWebhook } from "./webhook.ts";

test.each([
  [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "192.168.1.1",
    "172.31.255.255",
  ],
  [
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:db8::1",
    "ff02::1",
  ],
])("addresses that lead inside are not public: %s and others", (...addresses) => {
  expect(addresses.filter(isPublic)).toEqual([]);
});

test("addresses of the internet are public", () => {
  expect(["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"].every(isPublic)).toBe(true);
});

test.each([
  "http://127.0.0.1/",
  "http://0x7f.1/",
  "http://2130706433/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://inside.example/",
])("%s is refused before anything is sent", async (url) => {
  const resolve = async () => [
    { address: "93.184.216.34", family: 4 },
    { address: "10.0.0.7", family: 4 },
  ];
  const message = { id: "m1", url, secret: "s", body: "{}", atMs: 0, privateHosts: [] };
  expect(await sendWebhook(message, resolve)).toMatchObject({ outcome: "never" });
});

test("this server's own address may be told without being allowed, and no other port of it", async () => {
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(request.url ?? "");
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const own = { url: `http://127.0.0.1:${port}` };
  const message = { id: "m1", secret: "s", body: "{}", atMs: 0, privateHosts: [], own };
  try {
    expect(await sendWebhook({ ...message, url: `${own.url}/inbox` })).toMatchObject({
      outcome: "delivered",
    });
    expect(await sendWebhook({ ...message, url: `http://127.0.0.1:${port + 1}/inbox` })).toMatchObject({
      outcome: "never",
    });
    expect(received).toEqual(["/inbox"]);
  } finally {
    receiver.close();
  }
});
