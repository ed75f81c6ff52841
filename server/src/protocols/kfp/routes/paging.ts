const PAGE_DEFAULT = 20; // Both numbers are their server's.
const PAGE_MAX = 200;

/** Their page as ours; a larger one than may be is made smaller without a word, as their server does. */
export function pageOf({
  page_size = 0,
  page_token,
}: {
  page_size?: number | undefined;
  page_token?: string | undefined;
}): { pageSize: number; pageToken: string | undefined } {
  const pageSize = page_size === 0 ? PAGE_DEFAULT : Math.min(page_size, PAGE_MAX);
  return { pageSize, pageToken: page_token === "" ? undefined : page_token };
}

/** `<id>:<verb>`, as their addresses name an action on a thing. */
export function targetOf(params: unknown): { id: string; verb: string } {
  const { target = "" } = params as { target?: string };
  const at = target.lastIndexOf(":");
  return at < 0 ? { id: target, verb: "" } : { id: target.slice(0, at), verb: target.slice(at + 1) };
}

/** One part of an address. */
export function idOf(params: unknown, name = "id"): string {
  return (params as Record<string, string>)[name] ?? "";
}
