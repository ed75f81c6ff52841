import { describe, expect, test } from "vitest";
import {
  decodePageToken,
  decodePageTokenFor,
  encodePageToken,
  encodePageTokenFor,
  type PositionKind,
} from "./paging.ts";

const QUESTION = { filter: "a = 1", order: ["name"] };
const KINDS: readonly PositionKind[] = ["text", "whole", "number"];
const POSITION = ["日本", 7, -0.5] as const;

describe("a page token", () => {
  test("gives back the position it was made of", () => {
    expect(decodePageToken(encodePageToken([null, "x", 1]), 3)).toEqual([null, "x", 1]);
    expect(decodePageTokenFor(QUESTION, encodePageTokenFor(QUESTION, POSITION), KINDS)).toEqual(POSITION);
  });

  test.each(["", "x", "WzFd", "e30", "!!!"])("that nobody made is refused: %j", (token) => {
    const words = "Invalid page token, could not base64-decode";
    expect(() => decodePageToken(token, 2)).toThrow(words);
    expect(() => decodePageTokenFor(QUESTION, token, ["text"])).toThrow(words);
  });

  test("holds for its own question only", () => {
    const token = encodePageTokenFor(QUESTION, POSITION);
    expect(() => decodePageTokenFor({ ...QUESTION, filter: "" }, token, KINDS)).toThrow("another question");
  });

  test.each([
    [["x", "y", 1]],
    [["x", 1.5, 1]],
    [["x", 1, null]],
    [[1, 1, 1]],
    [["\0", 1, 1]],
    [["x", 2 ** 53, 1]],
  ])("with parts that its order does not have is refused before a database sees them: %j", (position) => {
    expect(() => decodePageTokenFor(QUESTION, encodePageTokenFor(QUESTION, position), KINDS)).toThrow(
      "Invalid page",
    );
  });
});
