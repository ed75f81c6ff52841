import type { NewView } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import type { FeatureStore } from "#modules/feature-store";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { calendarOf } from "./calendar.ts";
import { AIRPORT_VIEW, DATASET, ROUTE_VIEW, SERVICE } from "./names.ts";

const DAY_SECONDS = 24 * 3600;
const USUAL_LATE = 0.2; // Of all flights of the first months: what is taken for an airport that nothing is known of.
const USUAL_DELAY = 6.7; // Minutes, likewise.
const TTL_SECONDS = 365 * DAY_SECONDS; // So that the endpoint still knows its airports when the sample is a year old.
const source = { dataset: DATASET, timestampColumn: "date" };

// Windows differ from view to view, so that a feature's short name says which it is.
const VIEWS: readonly NewView[] = [
  {
    name: AIRPORT_VIEW,
    description: "How late flights left behind by an airport have been.",
    entities: ["airport"],
    source,
    ttlSeconds: TTL_SECONDS,
    features: [],
    aggregations: [
      { function: "count", windows: ["1d", "7d"], default: 0 },
      { function: "mean", column: "late", windows: ["1d", "7d"], default: USUAL_LATE },
      { function: "mean", column: "delay", windows: ["1d", "7d"], default: USUAL_DELAY },
    ],
  },
  {
    name: ROUTE_VIEW,
    description: "How late flights of a route have been.",
    entities: ["route"],
    source,
    ttlSeconds: TTL_SECONDS,
    features: [],
    aggregations: [
      { function: "count", windows: ["28d"], default: 0 },
      { function: "mean", column: "late", windows: ["14d", "28d"], default: USUAL_LATE },
      { function: "mean", column: "delay", windows: ["28d"], default: USUAL_DELAY },
    ],
  },
];

/** Entities, views over trailing windows, a service, and their values as of the present in the online store. */
export function featuresStep(features: FeatureStore): Step {
  return {
    name: "features",
    title: "Features over trailing windows, online",
    leadsTo: { kind: "feature-service", name: SERVICE },
    round,
  };

  async function round(given: Round): Promise<Outcome> {
    const { actor, projectId } = given;
    const origin = { name: "origin", type: "string" } as const;
    const destination = { name: "destination", type: "string" } as const;
    await features.entities.save(actor, projectId, {
      name: "airport",
      description: "Where a flight starts, by its IATA code.",
      joinKeys: [origin],
    });
    await features.entities.save(actor, projectId, {
      name: "route",
      description: "From where to where.",
      joinKeys: [origin, destination],
    });
    for (const view of VIEWS) await features.views.save(actor, projectId, view);
    await features.services.save(actor, projectId, {
      name: SERVICE,
      description: "What the delay model is trained on and asked with.",
      views: VIEWS.map(({ name }) => ({ view: name })),
    });
    return materialized(features, given, calendarOf(given.begunMs).presentMs);
  }
}

/** Brings both views' values as of a time into the online store, unless they are there. */
export async function materialized(
  features: FeatureStore,
  { actor, projectId, again }: Pick<Round, "actor" | "projectId" | "again">,
  asOfMs: number,
): Promise<Outcome> {
  let written = 0;
  for (const { name } of VIEWS) {
    const at = { projectId, name };
    const { items } = await features.materializations(actor, at, { pageSize: 20 });
    const standing =
      items.find((one) => one.asOfMs === asOfMs && !(again && one.state === "failed")) ??
      (await features.materialize(actor, at, { asOfMs, mode: "full" }));
    if (standing.state === "failed")
      throw new AppError("conflict", `Materializing ${name} failed: ${standing.error ?? ""}`);
    if (standing.state !== "succeeded") return notYet(`materializing ${name}`);
    written += standing.rowsWritten;
  }
  return done(`${VIEWS.length} views, ${written.toLocaleString("en")} values' rows online`);
}
