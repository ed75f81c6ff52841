import type { Actor } from "#modules/identity";
import type { StoredSeries, Telemetry } from "#modules/telemetry";
import type { Load } from "./promql/evaluate.ts";
import type { Labels } from "./promql/labels.ts";
import { parseSelector } from "./promql/parse.ts";
import type { Selector } from "./promql/syntax.ts";

/** What the queries stand on. */
export type SeriesDoor = Pick<Telemetry, "selectMetrics" | "selectSeries">;

/** Who asks, of which project. */
export interface Asker {
  actor: Actor;
  projectId: string;
}

/** Reads selectors' samples from the asker's project. */
export function loaderFor(telemetry: SeriesDoor, { actor, projectId }: Asker): Load {
  return async (selector, range) => {
    const found = await telemetry.selectMetrics(actor, projectId, { ...selectionOf(selector), ...range });
    return found.map((series) => ({ labels: labelsOf(series), ...series.points }));
  };
}

/** Series that match any of some selectors, each once; all of the project when there are none. */
export async function findSeries(
  telemetry: SeriesDoor,
  { actor, projectId }: Asker,
  { selectors, fromMs }: { selectors: readonly string[]; fromMs: number },
): Promise<Omit<StoredSeries, "points">[]> {
  const asked =
    selectors.length === 0 ? [EVERYTHING] : selectors.map((text) => selectionOf(parseSelector(text)));
  const found = new Map<string, Omit<StoredSeries, "points">>();
  for (const selection of asked) {
    for (const series of await telemetry.selectSeries(actor, projectId, { ...selection, fromMs }))
      found.set(JSON.stringify([series.name, series.labels]), series);
  }
  return [...found.values()];
}

export function labelsOf({ name, labels }: { name: string; labels: Labels }): Labels {
  return { __name__: name, ...labels };
}

const EVERYTHING = { name: undefined, matches: () => true };

function selectionOf({ name, matchers }: Pick<Selector, "name" | "matchers">) {
  return {
    name,
    matches: (series: { name: string; labels: Labels }) =>
      matchers.every((matcher) =>
        matcher.holds(
          matcher.name === "__name__"
            ? series.name
            : Object.hasOwn(series.labels, matcher.name)
              ? (series.labels[matcher.name] ?? "")
              : "",
        ),
      ),
  };
}
