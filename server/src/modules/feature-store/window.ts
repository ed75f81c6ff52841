import type { Aggregate, FeatureType, NewView } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import type { FeatureValue } from "./door.ts";

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const WINDOW_MS_MAX = 3650 * 86_400_000; // Ten years: more is a whole history, and a mistake in most cases.

/** A feature of a view, with where it comes from. */
export type Feature = {
  name: string;
  type: FeatureType;
  description: string;
  default: FeatureValue | undefined;
} & ({ kind: "column"; column: string } | Windowed);

export interface Windowed {
  kind: "window";
  function: Aggregate;
  column: string | undefined;
  window: string;
  windowMs: number;
}

export type WindowFeature = Extract<Feature, Windowed>;
export type ColumnFeature = Exclude<Feature, Windowed>;

/** What a view gives: its columns, or each aggregation over each window as `<function>_<column>_<window>`. */
export function featuresOf(view: Pick<NewView, "features" | "aggregations">): Feature[] {
  const columns = view.features.map(
    (given): Feature => ({
      kind: "column",
      name: given.name,
      type: given.type,
      description: given.description,
      default: given.default,
      column: given.column ?? given.name,
    }),
  );
  const windows = view.aggregations.flatMap((given) =>
    given.windows.map(
      (window): Feature => ({
        kind: "window",
        name: [given.function, ...(given.column === undefined ? [] : [plainName(given.column)]), window].join(
          "_",
        ),
        type: given.function === "count" ? "int64" : "float64",
        description: "",
        default: given.default,
        function: given.function,
        column: given.column,
        window,
        windowMs: windowMs(window),
      }),
    ),
  );
  return [...columns, ...windows];
}

export function isWindowed(feature: Feature): feature is WindowFeature {
  return feature.kind === "window";
}

/** In words, for people. */
export function aggregationWords(feature: Windowed): string {
  return `${feature.function} of ${feature.column ?? "rows"} over ${feature.window}`;
}

/** @throws AppError `invalid` */
function windowMs(window: string): number {
  const ms = Number(window.slice(0, -1)) * (UNIT_MS[window.slice(-1)] ?? Number.NaN);
  if (ms > 0 && ms <= WINDOW_MS_MAX) return ms;
  throw new AppError("invalid", `A window is at most ten years; ${window} is not one.`, {
    at: "body.aggregations.windows",
  });
}

/** A column may be called anything; a feature may not. */
function plainName(column: string): string {
  return column.replaceAll(/[^A-Za-z0-9_]/g, "_");
}
