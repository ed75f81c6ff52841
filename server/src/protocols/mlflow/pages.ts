import { Readable } from "node:stream";
import { setImmediate as othersRun } from "node:timers/promises";

const ITEMS_AT_ONCE = 1000; // A few megabytes of text, a few milliseconds of work; a longer answer is streamed.

/** A page as this file needs it: its items as text with commas between, and the token of what follows. */
export interface TextPage {
  text: string;
  count: number;
  nextToken?: string | undefined;
}

export interface AskedPages {
  /** The field that holds the items. */
  field: string;
  /** How many items the client takes in one answer. */
  wanted: number;
  /** How many are held at once; small ones may be more. */
  itemsAtOnce?: number;
  pageToken?: string | undefined;
  /** More fields of the answer, which it has also when nothing is found. */
  besides?: Record<string, string> | undefined;
  fetch(asked: { pageSize: number; pageToken: string | undefined }): Promise<TextPage>;
}

/** A page of items, each written by `textOf`. */
export function textPage<T>(
  page: { items: readonly T[]; nextToken?: string | undefined },
  textOf: (item: T) => string,
): TextPage {
  return { text: page.items.map(textOf).join(","), count: page.items.length, nextToken: page.nextToken };
}

/**
 * One answer of theirs that may be longer than what we hold at once: their clients may ask for 50,000 runs. What fits
 * is one text, the rest is fetched while the client reads. Nothing found is `{}`.
 */
export async function pagesAnswer(asked: AskedPages): Promise<string | Readable> {
  const pageSize = sizeFor(asked, asked.wanted);
  const first = await asked.fetch({ pageSize, pageToken: asked.pageToken });
  if (first.count < asked.wanted && first.nextToken !== undefined) return Readable.from(slices(asked, first));
  if (first.count === 0) return JSON.stringify(asked.besides ?? {});
  return head(asked) + first.text + tail(first.nextToken);
}

/** A page may have fewer items than asked for, even none; its token alone says whether there is more. */
async function* slices(asked: AskedPages, first: TextPage): AsyncGenerator<string> {
  let page = first;
  let written = first.count;
  yield head(asked) + page.text;
  while (written < asked.wanted && page.nextToken !== undefined) {
    await othersRun();
    const pageSize = sizeFor(asked, asked.wanted - written);
    page = await asked.fetch({ pageSize, pageToken: page.nextToken });
    if (page.count > 0) yield (written === 0 ? "" : ",") + page.text;
    written += page.count;
  }
  yield tail(page.nextToken);
}

function sizeFor(asked: AskedPages, left: number): number {
  return Math.min(left, asked.itemsAtOnce ?? ITEMS_AT_ONCE);
}

function head({ field, besides = {} }: AskedPages): string {
  const others = Object.entries(besides).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`,
  );
  return `{${others.join("")}${JSON.stringify(field)}:[`;
}

function tail(nextToken: string | undefined): string {
  return nextToken === undefined ? "]}" : `],"next_page_token":${JSON.stringify(nextToken)}}`;
}
