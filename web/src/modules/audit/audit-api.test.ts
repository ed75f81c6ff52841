import { expect, test } from "vitest";
import { auditQuery } from "./audit-api.ts";

test("the address becomes the question, unknown words left out", () => {
  expect(auditQuery({ text: "flights", outcome: "denied", span: "nonsense" }, 0)).toEqual({
    text: "flights",
    outcome: "denied",
  });
  expect(auditQuery({ outcome: "maybe" }, 0)).toEqual({});
});

test("a span asks the same question within a minute", () => {
  const first = auditQuery({ span: "day" }, 1_700_000_010_000);
  expect(auditQuery({ span: "day" }, 1_700_000_035_000)).toEqual(first);
});
