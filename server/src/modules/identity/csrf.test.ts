import { expect, test } from "vitest";
import type { Actor } from "./actor.ts";
import { checkCsrf } from "./csrf.ts";

const by = (kind: Actor["via"]["kind"]): Actor => ({
  kind: "user",
  id: "u",
  name: "U",
  via: { kind, id: "v" },
  request: { id: "r", ip: "192.0.2.1", userAgent: "" },
});
const host = "atrium.example:7400";

function passes(headers: Record<string, string>, method = "POST", actor = by("session")): boolean {
  try {
    checkCsrf(actor, { method, headers: { host, ...headers } });
    return true;
  } catch {
    return false;
  }
}

test("our own pages may change things", () => {
  expect(passes({ "sec-fetch-site": "same-origin" })).toBe(true);
  expect(passes({ origin: "https://atrium.example:7400" })).toBe(true);
});

test("pages of others may not, nor of our neighbours on the same host or site", () => {
  for (const site of ["cross-site", "same-site", "", "nonsense"])
    expect(passes({ "sec-fetch-site": site })).toBe(false);
  for (const origin of [
    "https://evil.example",
    "https://atrium.example:7401",
    "https://atrium.example",
    "null",
  ]) {
    expect(passes({ origin })).toBe(false);
  }
  expect(passes({ "sec-fetch-site": "cross-site", origin: "https://atrium.example:7400" })).toBe(false);
});

test("an unsafe request that says nothing of its origin is refused, for every method that is not safe", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "patch", "UNKNOWN"])
    expect(passes({}, method)).toBe(false);
  for (const method of ["GET", "HEAD", "OPTIONS", "get"]) expect(passes({}, method)).toBe(true);
});

test("tokens and passwords are exempt: no browser sends them by itself", () => {
  for (const via of ["token", "password"] as const) expect(passes({}, "POST", by(via))).toBe(true);
});
