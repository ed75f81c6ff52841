import { expect, test } from "vitest";
import { parseMarkdown } from "./markdown.ts";

test("headings, paragraphs, lists and code become blocks", () => {
  const blocks = parseMarkdown(
    "# Delay\n\nPredicts *late* flights\nwith **two** trees.\n\n- a\n- b\n\n1. x\n\n```py\nprint('<b>')\n```\nend",
  );
  expect(blocks.map((block) => block.kind)).toEqual([
    "heading",
    "paragraph",
    "list",
    "list",
    "code",
    "paragraph",
  ]);
  expect(blocks[2]).toEqual({
    kind: "list",
    ordered: "bulleted",
    items: [[{ kind: "text", text: "a" }], [{ kind: "text", text: "b" }]],
  });
  expect(blocks[4]).toEqual({ kind: "code", text: "print('<b>')" });
});

test("HTML stays text and a link leads nowhere that could run", () => {
  expect(parseMarkdown("<img src=x onerror=alert(1)>")).toEqual([
    { kind: "paragraph", line: [{ kind: "text", text: "<img src=x onerror=alert(1)>" }] },
  ]);
  expect(parseMarkdown("[x](javascript:alert)")).toEqual([
    { kind: "paragraph", line: [{ kind: "text", text: "[x](javascript:alert)" }] },
  ]);
  expect(parseMarkdown("[docs](https://example.org/a_b)")[0]).toEqual({
    kind: "paragraph",
    line: [{ kind: "link", text: "docs", to: "https://example.org/a_b" }],
  });
});

test("a fence that never closes ends with the text", () => {
  expect(parseMarkdown("```\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]);
});

test("names with underscores are no emphasis", () => {
  expect(parseMarkdown("uses tail_num and arr_delay")).toEqual([
    { kind: "paragraph", line: [{ kind: "text", text: "uses tail_num and arr_delay" }] },
  ]);
});
