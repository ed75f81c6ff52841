/** What is asked of the log store, as its contract takes it. */
export interface LogQuery {
  labels: string;
  text: string;
}

const LABEL = /^([A-Za-z_][\w.-]*)=([^\s,]+)$/;

/** `role=api level=error "timed out"`: what looks like a label is one, the rest are words to find. */
export function parseLogQuery(query: string): LogQuery {
  const labels: string[] = [];
  const words: string[] = [];
  for (const token of query.match(/"[^"]*"?|\S+/g) ?? []) {
    if (LABEL.test(token)) labels.push(token);
    else words.push(token);
  }
  return { labels: labels.join(","), text: words.join(" ") };
}

/** The query with one label set to one value, or without it. */
export function withLabel(query: string, name: string, value: string | undefined): string {
  const kept = (query.match(/"[^"]*"?|\S+/g) ?? []).filter((token) => LABEL.exec(token)?.[1] !== name);
  return [...(value === undefined ? [] : [`${name}=${value}`]), ...kept].join(" ");
}

export function labelOf(query: string, name: string): string {
  for (const token of query.split(/\s+/)) {
    const found = LABEL.exec(token);
    if (found?.[1] === name) return found[2] ?? "";
  }
  return "";
}

export const SPANS: Record<string, { title: string; ms: number }> = {
  "15m": { title: "Last 15 minutes", ms: 900_000 },
  "1h": { title: "Last hour", ms: 3_600_000 },
  "6h": { title: "Last 6 hours", ms: 21_600_000 },
  "24h": { title: "Last 24 hours", ms: 86_400_000 },
  "7d": { title: "Last 7 days", ms: 604_800_000 },
};
export const USUAL_SPAN = "1h";

/** The range of an address: `from`–`to` in milliseconds when somebody zoomed, else a span that ends now. */
export function timeRange(
  url: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): { fromMs: number; toMs: number } {
  const from = Number(url.from);
  const to = Number(url.to);
  if (url.from && url.to && Number.isFinite(from) && Number.isFinite(to) && from < to)
    return { fromMs: from, toMs: to };
  const span = SPANS[url.span ?? USUAL_SPAN] ?? SPANS[USUAL_SPAN];
  return { fromMs: nowMs - (span?.ms ?? 3_600_000), toMs: nowMs };
}
