import { z } from "zod";
import { endpoint } from "../http.ts";
import { description, done, id, name, page, pageOf, text, time, timeAsked, word } from "./fields.ts";
import { metricValues } from "./metrics.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3600 * 1000;
const COLUMNS_MAX = 100; // With ten segments a thousand comparisons a window: some seconds of the engine.
const SEGMENTS_MAX = 10;

/** What is watched: an endpoint's answered requests, or the rows of a dataset by a column that holds their time. */
const source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("endpoint"), endpoint: word }),
  z.strictObject({ kind: z.literal("dataset"), dataset: word, timeColumn: word }),
]);

/** What windows are compared with. It is read once and kept as a profile, so that windows stay comparable. */
const reference = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("dataset"), dataset: word, version: z.number().int().min(1).optional() }),
  z.strictObject({
    kind: z.literal("training-set"),
    trainingSet: word,
    number: z.number().int().min(1).optional(),
  }),
  /** An earlier time of the monitor's own source. */
  z
    .strictObject({ kind: z.literal("window"), fromMs: time, toMs: time })
    .refine((given) => given.fromMs < given.toMs, "A window ends after it begins."),
]);

const column = z.strictObject({
  name: word,
  role: z.enum(["feature", "output"]).default("feature"),
  /** `number` is compared by quantiles, `category` by its values. */
  kind: z.enum(["number", "category"]),
  /** Its name in the reference, where that is another. */
  referenceColumn: word.optional(),
});

const segment = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "Use 1 to 63 of a–z, 0–9 and -."),
  column: word,
  /** A row belongs to it when the column, as text, is one of these. */
  values: z.array(text(250)).min(1).max(100),
});

const performance = z.discriminatedUnion("task", [
  z.strictObject({
    task: z.literal("classification"),
    /** Holds the predicted class. */
    prediction: word,
    /** Holds the probability of the positive class; with it come log loss, Brier, ROC AUC and calibration. */
    score: word.optional(),
    /** The class, as text, that precision, recall and F1 are about; without it they are means over all classes. */
    positive: text(250).optional(),
    /** The prediction column holds that class's probability: from so much on the class is predicted. Goes with `positive`. */
    threshold: z.number().min(0).max(1).optional(),
    /** Of a dataset: the column that holds the truth. An endpoint's labels come by prediction id. */
    label: word.optional(),
  }),
  z.strictObject({ task: z.literal("regression"), prediction: word, label: word.optional() }),
]);

const settings = {
  name,
  description: description.default(""),
  source,
  reference,
  columns: z.array(column).min(1).max(COLUMNS_MAX),
  segments: z.array(segment).max(SEGMENTS_MAX).default([]),
  performance: performance.optional(),
  /** Windows follow one another without a gap, counted from 1970 UTC. */
  windowMs: z
    .number()
    .int()
    .min(MINUTE_MS)
    .max(92 * DAY_MS),
  /** Rows may come in so long after a window's end; then it is sealed. */
  settleMs: z.number().int().min(0).max(DAY_MS).default(MINUTE_MS),
  /** Labels may come in so long after a window's end; then its performance is final. */
  graceMs: z
    .number()
    .int()
    .min(0)
    .max(366 * DAY_MS)
    .default(0),
  /** Below so many rows a window says `insufficient` and no drift. */
  rowsMin: z.number().int().min(1).max(1_000_000).default(200),
  /** The first window is the one that holds this moment; the current one when not given. */
  startMs: time.optional(),
};

export const monitorState = z.enum(["active", "paused"]);
export const monitorSettings = z.strictObject(settings);
export type MonitorSettings = z.output<typeof monitorSettings>;

export const monitor = z.object({
  ...settings,
  id: z.string(),
  state: monitorState,
  startMs: time,
  /** Rises when what is computed changes: its windows are computed anew from then on. */
  revision: z.number().int(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
  /** The reference's rows, once it has been read. */
  referenceRows: z.number().int().optional(),
  /** The newest computed window. */
  lastWindow: z.object({ startMs: time, endMs: time, rows: z.number().int() }).optional(),
  openIncidents: z.number().int(),
  /** Why the last round could not compute; absent when it could. */
  problem: z.string().optional(),
});
export type Monitor = z.output<typeof monitor>;

/** `sealed`: rows are final, labels may still come; `final`: nothing changes it any more but a new revision of the monitor. */
export const windowState = z.enum(["sealed", "final"]);
export const monitorWindow = z.object({
  startMs: time,
  endMs: time,
  state: windowState,
  rows: z.number().int(),
  /** True below the monitor's `rowsMin`: there are counts, and no drift. */
  insufficient: z.boolean(),
  /** Counts from 1; each late label that changed the performance raises it. */
  revision: z.number().int(),
  monitorRevision: z.number().int(),
  computedMs: time,
  /** SHA-256 over all its results: the same inputs give the same. */
  digest: z.string(),
});
export type MonitorWindow = z.output<typeof monitorWindow>;

/** Of one column of one segment; `column` is absent for what is about the segment as a whole. */
export const windowResult = z.object({
  segment: z.string(),
  column: z.string().optional(),
  rows: z.number().int(),
  insufficient: z.boolean(),
  /** Set when KS and Wasserstein were taken from so many rows, drawn with a fixed seed. */
  sampledRows: z.number().int().optional(),
  values: metricValues,
});
export type WindowResult = z.output<typeof windowResult>;

export const seriesPoint = z.object({
  startMs: time,
  endMs: time,
  state: windowState,
  rows: z.number().int(),
  insufficient: z.boolean(),
  values: metricValues,
});
export type SeriesPoint = z.output<typeof seriesPoint>;

const thresholdLine = z.object({
  ruleId: z.string(),
  rule: z.string(),
  metric: z.string(),
  comparison: z.enum(["above", "below"]),
  threshold: z.number(),
  severity: z.string(),
});

/** Bars of a histogram. Edges are numbers for a `number` column: bin i reaches from edge i-1 to edge i. */
export const distributionBin = z.object({
  /** `[0.1, 0.5)`, a category, or `missing`, `other`, `unseen`. */
  label: z.string(),
  kind: z.enum(["range", "category", "other", "unseen", "missing", "invalid"]),
  /** Absent where it goes on for ever. */
  from: z.number().optional(),
  to: z.number().optional(),
  referenceRows: z.number().int(),
  windowRows: z.number().int(),
});
export const distribution = z.object({
  column: z.string(),
  segment: z.string(),
  startMs: time,
  endMs: time,
  kind: z.enum(["number", "category"]),
  referenceRows: z.number().int(),
  windowRows: z.number().int(),
  bins: z.array(distributionBin),
});
export type Distribution = z.output<typeof distribution>;

const byMonitor = z.object({ monitor: id });
const byWindow = byMonitor.extend({ startMs: timeAsked });

export const monitorsApi = {
  listMonitors: endpoint({
    method: "GET",
    path: "/monitors",
    permission: "monitor:read",
    scope: "project",
    summary: "The project's monitors, by name.",
    query: z.object({ ...page, endpoint: word.optional() }),
    answer: pageOf(monitor),
  }),
  createMonitor: endpoint({
    method: "POST",
    path: "/monitors",
    permission: "monitor:write",
    scope: "project",
    summary: "Watches an endpoint or a dataset; asks for the right to read it and its reference.",
    body: monitorSettings,
    answer: monitor,
    status: 201,
  }),
  getMonitor: endpoint({
    method: "GET",
    path: "/monitors/:monitor",
    permission: "monitor:read",
    scope: "project",
    summary: "One monitor, by id or name.",
    params: byMonitor,
    answer: monitor,
  }),
  updateMonitor: endpoint({
    method: "PATCH",
    path: "/monitors/:monitor",
    permission: "monitor:write",
    scope: "project",
    summary: "Changes a monitor. A change of what is computed computes all its windows anew.",
    params: byMonitor,
    body: z.strictObject({
      name: name.optional(),
      description: description.optional(),
      state: monitorState.optional(),
      reference: reference.optional(),
      columns: z.array(column).min(1).max(COLUMNS_MAX).optional(),
      segments: z.array(segment).max(SEGMENTS_MAX).optional(),
      performance: performance.optional(),
      graceMs: settings.graceMs.removeDefault().optional(),
      rowsMin: settings.rowsMin.removeDefault().optional(),
    }),
    answer: monitor,
  }),
  deleteMonitor: endpoint({
    method: "DELETE",
    path: "/monitors/:monitor",
    permission: "monitor:write",
    scope: "project",
    summary: "Deletes a monitor with its windows, rules and incidents.",
    params: byMonitor,
    answer: done,
  }),
  runMonitor: endpoint({
    method: "POST",
    path: "/monitors/:monitor/run",
    permission: "monitor:write",
    scope: "project",
    summary: "Asks the worker to look at the monitor now; `again` computes every window anew.",
    params: byMonitor,
    body: z.strictObject({ windows: z.enum(["due", "again"]).default("due") }),
    answer: monitor,
    status: 202,
  }),
  listWindows: endpoint({
    method: "GET",
    path: "/monitors/:monitor/windows",
    permission: "monitor:read",
    scope: "project",
    summary: "A monitor's windows, newest first.",
    params: byMonitor,
    query: z.object(page),
    answer: pageOf(monitorWindow),
  }),
  getWindow: endpoint({
    method: "GET",
    path: "/monitors/:monitor/windows/:startMs",
    permission: "monitor:read",
    scope: "project",
    summary: "All results of one window: each segment as a whole, and each of its columns.",
    params: byWindow,
    answer: z.object({ window: monitorWindow, results: z.array(windowResult) }),
  }),
  monitorSeries: endpoint({
    method: "GET",
    path: "/monitors/:monitor/series",
    permission: "monitor:read",
    scope: "project",
    summary: "One segment over time, of a column or as a whole, oldest first, with the rules' thresholds.",
    params: byMonitor,
    query: z.object({
      segment: z.string().max(63).default("all"),
      column: word.optional(),
      fromMs: timeAsked.optional(),
      toMs: timeAsked.optional(),
      /** The newest so many. */
      pointsMax: z.coerce.number().int().min(1).max(2000).default(500),
    }),
    answer: z.object({ points: z.array(seriesPoint), thresholds: z.array(thresholdLine) }),
  }),
  monitorDistribution: endpoint({
    method: "GET",
    path: "/monitors/:monitor/windows/:startMs/distribution",
    permission: "monitor:read",
    scope: "project",
    summary: "A column of a window beside the reference, as histograms over the same bins.",
    params: byWindow,
    query: z.object({ column: word, segment: z.string().max(63).default("all") }),
    answer: distribution,
  }),
};
