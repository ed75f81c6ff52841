interface Described {
  name: string;
  kind: string;
  unit: string;
  help: string;
  labels: Readonly<Record<string, string>>;
}

export interface Metadata {
  type: "counter" | "gauge" | "histogram" | "summary";
  help: string;
  unit: string;
}

/** What kind each metric is; the series of a histogram or summary are told of by the name that they share. */
export function metadataOf(series: readonly Described[]): Map<string, Metadata> {
  const histograms = basesOf(series, "le", /_bucket$/);
  const summaries = basesOf(series, "quantile", /$/);
  const metrics = new Map<string, Metadata>();
  for (const { name, kind, help, unit } of series) {
    const base = name.replace(/_(bucket|sum|count)$/, "");
    const type = histograms.has(base) ? "histogram" : summaries.has(base) ? "summary" : undefined;
    if (type !== undefined) metrics.set(base, { type, help, unit });
    else metrics.set(name, { type: kind === "counter" ? "counter" : "gauge", help, unit });
  }
  return metrics;
}

function basesOf(series: readonly Described[], label: string, suffix: RegExp): Set<string> {
  return new Set(
    series.filter(({ labels }) => Object.hasOwn(labels, label)).map(({ name }) => name.replace(suffix, "")),
  );
}
