interface Page<T> {
  items: T[];
  nextToken?: string | undefined;
}

/** Reads a list page by page until it ends or there are `limit` items. */
export async function readPages<T>(
  limit: number,
  read: (page: { pageSize: number; pageToken?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let pageToken: string | undefined;
  do {
    const pageSize = Math.min(limit - items.length, 200);
    const page = await read({ pageSize, ...(pageToken === undefined ? {} : { pageToken }) });
    items.push(...page.items);
    pageToken = page.nextToken;
  } while (pageToken !== undefined && items.length < limit);
  return items.slice(0, limit);
}
