import { AppError } from "#lib/errors";
import { decodePageToken, encodePageToken, type Page } from "#lib/paging";

/** Where the page before ended, in words. @throws AppError `invalid` */
export function positionOf(pageToken: string | undefined, length: number): string[] | undefined {
  if (pageToken === undefined) return undefined;
  return decodePageToken(pageToken, length).map((part) => {
    if (typeof part === "string" && !part.includes("\0")) return part;
    throw new AppError("invalid", "The page token is not one of ours; start again from the first page.", {
      at: "page_token",
    });
  });
}

/** Cuts rows that were asked for with one more than the page holds. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  pageSize: number,
  of: { item(row: Row): Item; position(row: Row): string[] },
): Page<Item> {
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  const items = page.map(of.item);
  return last !== undefined && rows.length > pageSize
    ? { items, nextToken: encodePageToken(of.position(last)) }
    : { items };
}
