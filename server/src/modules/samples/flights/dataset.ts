import { createReadStream } from "node:fs";
import type { Dataset, DatasetCheck, DatasetVersion } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import type { Datasets } from "#modules/datasets";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { calendarOf } from "./calendar.ts";
import { DATASET, RAW_DATASET } from "./names.ts";

const LATE_MINUTES = 15; // What the Bureau of Transportation Statistics calls late.
const CHECKS: DatasetCheck[] = [
  ...["date", "origin", "destination", "distance", "delay"].map(
    (column): DatasetCheck => ({ name: `${column} is there`, severity: "error", kind: "not-null", column }),
  ),
  { name: "distances are possible", severity: "error", kind: "range", column: "distance", min: 0, max: 6000 },
  { name: "delays are plausible", severity: "warning", kind: "range", column: "delay", min: -60, max: 1440 },
  { name: "airports have codes", severity: "error", kind: "regex", column: "origin", pattern: "[A-Z]{3}" },
  {
    name: "late follows from delay",
    severity: "error",
    kind: "expression",
    sql: "(delay > 15) = (late = 1)",
  },
  { name: "three million flights", severity: "error", kind: "row-count", min: 2_900_000, max: 3_100_000 },
];

/** The curated dataset: the raw file as it is, and a version of our own from it, checked and certified. */
export function datasetStep(datasets: Datasets, file: () => string): Step {
  return {
    name: "dataset",
    title: "Three million flights as a curated dataset",
    leadsTo: { kind: "dataset", name: DATASET },
    round,
  };

  async function round(given: Round): Promise<Outcome> {
    const { actor, projectId } = given;
    const { movedDays } = calendarOf(given.begunMs);
    const raw = { projectId, name: RAW_DATASET };
    const curated = { projectId, name: DATASET };
    const known = (await datasets.list(actor, projectId, { pageSize: 200 })).items;
    const has = (name: string) => known.find((one) => one.name === name);
    if (has(RAW_DATASET) === undefined) {
      await datasets.create(actor, projectId, {
        name: RAW_DATASET,
        description:
          "US flights of the first half of 2001, as the npm package `vega-datasets` has them (source: Bureau of " +
          "Transportation Statistics). `delay` is the arrival delay in minutes.",
      });
    }
    if (has(DATASET) === undefined) {
      await datasets.create(actor, projectId, {
        name: DATASET,
        description:
          "One row a flight: when it was to leave, from where to where, how far, how many minutes late it came, and " +
          `whether that is **late** (more than ${LATE_MINUTES} minutes). Features and labels of the delay model stand on it. ` +
          "The flights are those of 2001, moved by whole weeks as if the last of them had left within the last days.",
        tags: { domain: "aviation", license: "public domain" },
        checks: CHECKS,
      });
    }
    // The same content answers the version that has it.
    const uploaded =
      standing(given, has(RAW_DATASET)) ??
      (await datasets.versions.upload(actor, raw, createReadStream(file()), { format: "parquet" }));
    if (!isReady(uploaded)) return notYet("profiling the raw file");
    const version =
      standing(given, has(DATASET)) ??
      (await datasets.versions.create(actor, curated, {
        description: `With the label, moved by ${movedDays} days, and without the few flights of July.`,
        source: {
          kind: "sql",
          sql: curation(movedDays),
          inputs: { raw: { dataset: RAW_DATASET, version: uploaded.version } },
        },
      }));
    if (!isReady(version)) return notYet("computing, profiling and checking");
    if (version.certification === undefined) {
      const at = { ...curated, version: version.version };
      await datasets.versions.certify(actor, at, "Every check holds; used by the delay model.");
    }
    const { passed = 0 } = version.checks ?? {};
    return done(`${(version.rowCount ?? 0).toLocaleString("en")} rows, ${passed} checks passed, certified`);
  }
}

/** One that failed stands until it is asked for again: its content is looked at anew then. */
function standing({ again }: Round, dataset: Dataset | undefined): DatasetVersion | undefined {
  const latest = dataset?.latest;
  return again && latest?.state === "failed" ? undefined : latest;
}

function curation(movedDays: number): string {
  return `select date + interval ${movedDays} day as date, origin, destination, distance, delay,
  (delay > ${LATE_MINUTES})::int as late
from raw where date < timestamp '2001-07-01' order by date`;
}

function isReady(version: DatasetVersion): boolean {
  if (version.state === "failed")
    throw new AppError("conflict", `${version.dataset} ${version.version} failed: ${version.reason ?? ""}`);
  return version.state === "ready";
}
