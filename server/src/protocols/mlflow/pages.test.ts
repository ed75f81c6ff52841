import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { type AskedPages, pagesAnswer, textPage } from "./pages.ts";

/** Numbers from 0 to `last`, in pages as large as asked for; the token is the next number. */
function numbers(last: number, sizes: number[] = []): AskedPages["fetch"] {
  return async ({ pageSize, pageToken }) => {
    sizes.push(pageSize);
    const from = Number(pageToken ?? 0);
    const items = Array.from({ length: Math.min(pageSize, last + 1 - from) }, (_, i) => from + i);
    const next = from + items.length;
    return textPage({ items, nextToken: next <= last ? String(next) : undefined }, String);
  };
}

test("what fits is one text, with the token of what follows", async () => {
  const fetch = numbers(9);
  expect(await pagesAnswer({ field: "runs", wanted: 3, fetch })).toBe(
    '{"runs":[0,1,2],"next_page_token":"3"}',
  );
  expect(await pagesAnswer({ field: "runs", wanted: 3, pageToken: "8", fetch })).toBe('{"runs":[8,9]}');
});

test("nothing found is an empty object, but for what it has besides", async () => {
  const fetch = numbers(-1);
  expect(await pagesAnswer({ field: "runs", wanted: 3, fetch })).toBe("{}");
  expect(await pagesAnswer({ field: "files", wanted: 3, besides: { root_uri: "r" }, fetch })).toBe(
    '{"root_uri":"r"}',
  );
});

test("a long answer is fetched in slices while it is read, and ends where the client wanted", async () => {
  const sizes: number[] = [];
  const answer = await pagesAnswer({ field: "runs", wanted: 2500, fetch: numbers(9999, sizes) });
  expect(answer).toBeInstanceOf(Readable);
  expect(sizes).toEqual([1000]);
  const read = JSON.parse(await text(answer as Readable));
  expect(read.runs).toEqual(Array.from({ length: 2500 }, (_, i) => i));
  expect(read.next_page_token).toBe("2500");
  expect(sizes).toEqual([1000, 1000, 500]);
});

test("a client that wants everything gets it without a token", async () => {
  const wanted = Number.POSITIVE_INFINITY;
  const answer = await pagesAnswer({ field: "files", wanted, itemsAtOnce: 7, fetch: numbers(20) });
  const read = JSON.parse(await text(answer as Readable));
  expect(read).toEqual({ files: Array.from({ length: 21 }, (_, i) => i) });
});

test("a page that is empty or short is no end as long as there is a token", async () => {
  const pages = [
    { text: "", count: 0, nextToken: "1" },
    { text: "1,2", count: 2, nextToken: "2" },
    { text: "", count: 0, nextToken: "3" },
    { text: "3", count: 1 },
  ];
  const answer = await pagesAnswer({
    field: "runs",
    wanted: 10,
    fetch: async ({ pageToken }) => pages[Number(pageToken ?? 0)] ?? { text: "", count: 0 },
  });
  expect(await text(answer as Readable)).toBe('{"runs":[1,2,3]}');
});
