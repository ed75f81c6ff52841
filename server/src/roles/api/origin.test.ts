import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { createOriginGuard } from "./origin.ts";

const check = createOriginGuard(["atrium.example"], "127.0.0.1");
const asking = (headers: Record<string, string>) => () => check({ headers } as unknown as FastifyRequest);

test("loopback names, IP addresses and the configured names are ours", () => {
  for (const host of ["localhost:7400", "127.0.0.1:7400", "[::1]:7400", "10.0.0.7", "Atrium.Example"]) {
    expect(asking({ host })).not.toThrow();
  }
});

test("a name that was rebound to our address is refused", () => {
  expect(asking({ host: "evil.example:7400" })).toThrow(/not a name of this server/);
  expect(asking({ host: "localhost.evil.example" })).toThrow(/not a name/);
  expect(asking({})).toThrow(/not a name/);
});

test("a foreign page may not call us, whatever it asks", () => {
  expect(asking({ host: "localhost:7400", origin: "https://evil.example" })).toThrow(/another origin/);
  expect(asking({ host: "localhost:7400", origin: "null" })).toThrow(/another origin/);
});

test("a page on another port of this machine may not use our cookies", () => {
  const headers = { host: "localhost:7400", origin: "http://localhost:3000" };
  expect(asking(headers)).not.toThrow();
  expect(asking({ ...headers, cookie: "atrium_session=x" })).toThrow(/cookies/);
  expect(asking({ host: "localhost:7400", origin: "http://localhost:7400", cookie: "a=b" })).not.toThrow();
});
