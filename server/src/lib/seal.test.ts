import { expect, test } from "vitest";
import { seal, unseal } from "./seal.ts";

const key = Buffer.alloc(32, 7);

test("what was sealed opens, and shows nothing of itself", () => {
  const sealed = seal(key, Buffer.from("plain words"), "here");
  expect(sealed.includes("plain words")).toBe(false);
  expect(unseal(key, sealed, "here").toString()).toBe("plain words");
});

test("another key, another place, a changed byte and a cut end are refused", () => {
  const sealed = seal(key, Buffer.from("plain words"), "here");
  const changed = Buffer.from(sealed);
  changed[14] = (changed[14] ?? 0) ^ 1;
  expect(() => unseal(Buffer.alloc(32, 8), sealed, "here")).toThrow("does not open");
  expect(() => unseal(key, sealed, "there")).toThrow("does not open");
  expect(() => unseal(key, changed, "here")).toThrow("does not open");
  expect(() => unseal(key, sealed.subarray(0, 10), "here")).toThrow("does not open");
});
