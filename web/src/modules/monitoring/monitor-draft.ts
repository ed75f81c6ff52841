import type { Dataset, DatasetProfile } from "@atrium/contract/datasets";
import type { TrainingSet } from "@atrium/contract/feature-store";
import type { Monitor, MonitorSettings } from "@atrium/contract/monitoring";
import type { ServingEndpoint } from "@atrium/contract/serving";
import {
  columnsOfDataset,
  columnsOfEndpoint,
  type DraftColumn,
  timeColumns,
  timeRangeOf,
  windowLength,
} from "./monitor-defaults.ts";

type Reference = Monitor["reference"];

export interface DraftSegment {
  name: string;
  column: string;
  /** Separated by commas. */
  values: string;
}

export interface MonitorDraft {
  name: string;
  source: Monitor["source"];
  /** Those that can be chosen, the proposed one first. */
  references: readonly Reference[];
  reference: Reference;
  columns: readonly DraftColumn[];
  /** Columns of a dataset that may hold its rows' time. */
  times: readonly string[];
  windowMs: number;
  startMs: number | undefined;
  rowsMin: string;
  task: "none" | "regression" | "classification";
  prediction: string;
  label: string;
  segments: readonly DraftSegment[];
  /** Whether a first rule is made with it. */
  alarm: "psi" | "none";
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OWN_PAST_MS = 7 * DAY_MS;
const REFERENCE_SHARE = 1 / 3; // Of the time that a dataset of one version covers.
const GRACE_MS = 7 * DAY_MS;

const USUAL = {
  rowsMin: "200",
  task: "none" as const,
  label: "",
  segments: [],
  alarm: "psi" as const,
};

/** An endpoint against the training set of its features, or against its own last week. */
export function draftOfEndpoint(
  endpoint: ServingEndpoint,
  { trainingSets, nowMs }: { trainingSets: readonly TrainingSet[]; nowMs: number },
): MonitorDraft {
  const { name, input } = endpoint;
  const columns = columnsOfEndpoint(endpoint);
  const service = input.kind === "entities" ? input.featureService : undefined;
  const sets = trainingSets
    .filter(({ state }) => state === "succeeded")
    .sort((a, b) => Number(b.asked.service === service) - Number(a.asked.service === service))
    .map((set): Reference => ({ kind: "training-set", trainingSet: set.name, number: set.number }));
  const ownPast: Reference = { kind: "window", fromMs: nowMs - OWN_PAST_MS, toMs: nowMs };
  const fits = trainingSets.some(({ asked, state }) => asked.service === service && state === "succeeded");
  const references = fits ? [...sets, ownPast] : [ownPast, ...sets];
  return {
    ...USUAL,
    name,
    source: { kind: "endpoint", endpoint: name },
    references,
    reference: references[0] ?? ownPast,
    columns,
    times: [],
    windowMs: HOUR_MS,
    startMs: undefined,
    prediction: columns.find(({ role }) => role === "output")?.name ?? "",
  };
}

/** A dataset's newest rows against a certified or an earlier version, or against its own beginning. */
export function draftOfDataset(dataset: Dataset, profile: DatasetProfile): MonitorDraft | undefined {
  const times = timeColumns(profile);
  const [timeColumn] = times;
  if (timeColumn === undefined) return undefined;
  const { name } = dataset;
  const [fromMs, toMs] = timeRangeOf(profile, timeColumn) ?? [0, DAY_MS];
  const windowMs = windowLength(toMs - fromMs);
  const beginningMs = Math.floor((fromMs + (toMs - fromMs) * REFERENCE_SHARE) / windowMs) * windowMs;
  const ownBeginning: Reference = { kind: "window", fromMs, toMs: beginningMs };
  const latest = dataset.latest?.version ?? 1;
  const before = dataset.certifiedVersion ?? (latest > 1 ? latest - 1 : undefined);
  const versions = [before, latest].filter((one) => one !== undefined);
  const ofVersions = [...new Set(versions)].map(
    (version): Reference => ({ kind: "dataset", dataset: name, version }),
  );
  const hasBeginning = beginningMs > fromMs;
  const references =
    before !== undefined && before !== latest
      ? [...ofVersions, ...(hasBeginning ? [ownBeginning] : [])]
      : [...(hasBeginning ? [ownBeginning] : []), ...ofVersions];
  const [reference = ownBeginning] = references;
  return {
    ...USUAL,
    name,
    source: { kind: "dataset", dataset: name, timeColumn },
    references,
    reference,
    columns: columnsOfDataset(profile),
    times,
    windowMs,
    startMs: reference.kind === "window" ? beginningMs : fromMs,
    prediction: "",
  };
}

/** What the server is asked for. */
export function settingsOf(draft: MonitorDraft): MonitorSettings {
  const { name, source, reference, windowMs, startMs, task, prediction, label } = draft;
  const ownLabel = source.kind === "dataset" ? { label } : {};
  return {
    name: name.trim(),
    description: "",
    source,
    reference,
    columns: draft.columns
      .filter(({ watched }) => watched)
      .map(({ name: column, kind, role }) => ({ name: column, kind, role })),
    segments: draft.segments.map(({ name: segment, column, values }) => ({
      name: segment.trim(),
      column,
      values: values
        .split(",")
        .map((value) => value.trim())
        .filter(Boolean),
    })),
    windowMs,
    settleMs: 60_000,
    // Labels of a dataset stand beside its rows; those of an endpoint come when things have come true.
    graceMs: task !== "none" && source.kind === "endpoint" ? GRACE_MS : 0,
    rowsMin: Number(draft.rowsMin),
    ...(startMs === undefined ? {} : { startMs }),
    ...(task === "none" ? {} : { performance: { task, prediction, ...ownLabel } }),
  };
}
