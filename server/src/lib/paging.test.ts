import { describe, expect, test } from "vitest";
import {
  decodePageToken,
  decodePageTokenFor,
  encodePageToken,
  encodePageTokenFor,
  keysetPage,
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

test("pages by key show every row once, and the last of them promises no next", async () => {
  const rows = [1, 2, 3, 4, 5];
  const shown: number[] = [];
  let pageToken: string | undefined;
  for (let pages = 0; pages < 4; pages += 1) {
    const page = await keysetPage({
      pageSize: 2,
      pageToken,
      question: "rows",
      kinds: ["whole"],
      rows: async (after, limit) => rows.filter((row) => row > Number(after?.[0] ?? 0)).slice(0, limit),
      show: (found) => found,
      position: (row) => [row],
    });
    shown.push(...page.items);
    pageToken = page.nextToken;
    if (pageToken === undefined) break;
  }
  expect(shown).toEqual(rows);
  expect(pageToken).toBeUndefined();
});
