import { createHmac, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { keyedDigest } from "./address.ts";

test("a keyed digest is HMAC-SHA-256, whatever the text, and each is a buffer of its own", () => {
  const key = randomBytes(32);
  const digest = keyedDigest(key, 16);
  const texts = [
    "",
    "a",
    '["1001"]',
    "ключ".repeat(90),
    "\u0000",
    "x".repeat(5000),
    "€".repeat(341),
    "\ud800",
  ];
  const expected = texts.map((text) => createHmac("sha256", key).update(text).digest().subarray(0, 16));
  expect(texts.map(digest)).toEqual(expected);
});
