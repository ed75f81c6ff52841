import { expect, test } from "vitest";
import { AppError, type ErrorCode } from "#lib/errors";
import { toWireError } from "./errors.ts";

const RETRIED = [408, 429, 500, 502, 503, 504]; // Statuses upon which their client waits and asks again.

test("no error of a user makes the client try again", () => {
  for (const code of ["invalid", "unauthenticated", "forbidden", "not_found", "conflict"] as ErrorCode[]) {
    expect(RETRIED).not.toContain(toWireError(new AppError(code, "m")).status);
  }
});

test("a full quota is told at once, a limit that passes is worth another try", () => {
  expect(toWireError(new AppError("exhausted", "full"))).toMatchObject({
    error_code: "RESOURCE_EXHAUSTED",
    status: 400,
  });
  expect(toWireError(new AppError("exhausted", "slow", { retryAfterSeconds: 3 }))).toMatchObject({
    error_code: "REQUEST_LIMIT_EXCEEDED",
    status: 429,
  });
});

test("what exists already and what is in the wrong state have their own words", () => {
  expect(toWireError(new AppError("conflict", "m", { reason: "already_exists" }))).toEqual({
    error_code: "RESOURCE_ALREADY_EXISTS",
    status: 400,
    message: "m",
  });
  expect(toWireError(new AppError("conflict", "m")).error_code).toBe("INVALID_STATE");
});
