import {
  counted,
  drawn,
  type FrameColumn,
  type FrameSource,
  frame,
  numberOf,
  Parameters,
  textOf,
} from "./frame-queries.ts";
import type { Performance, Segment } from "./plan.ts";

/** One statement for the engine. */
export interface Statement {
  sql: string;
  parameters: readonly (string | number)[];
}

export interface Edges {
  /** Its place among the frame's columns. */
  at: number;
  edges: readonly number[];
}

/** What a number column's bin is called, besides the ranges' own numbers from 0. */
export const MISSING_BIN = -2;
export const INVALID_BIN = -1;

/** Rows: column, bin, rows of each segment, then least and greatest value of each segment. */
export function numberBinCounts(
  source: FrameSource,
  columns: readonly FrameColumn[],
  given: { edges: readonly Edges[]; segments: readonly Segment[] },
): Statement {
  const parameters = new Parameters();
  const rows = frame(source, { columns, segments: given.segments }, parameters);
  const extremes = given.segments
    .map((_, i) => `min(x) FILTER (WHERE s${i}) AS lo${i}, max(x) FILTER (WHERE s${i}) AS hi${i}`)
    .join(", ");
  const flags = given.segments.map((_, i) => `s${i}`).join(", ");
  const parts = given.edges.map(({ at, edges }) => {
    const bin = `CASE WHEN NOT p${at} THEN ${MISSING_BIN} WHEN x${at} IS NULL THEN ${INVALID_BIN} ${ranges(`x${at}`, edges)} END`;
    const labelled = `SELECT ${bin} AS bin, x${at} AS x, ${flags} FROM w`;
    return `SELECT ${at} AS c, bin, ${counted(given.segments.length)}, ${extremes} FROM (${labelled}) GROUP BY bin`;
  });
  const sql = `WITH w AS MATERIALIZED (${rows}) ${parts.join(" UNION ALL ")} ORDER BY c, bin`;
  return { sql, parameters: parameters.values };
}

function ranges(x: string, edges: readonly number[]): string {
  if (edges.length === 0) return "ELSE 0";
  const upper = edges.slice(0, -1).map((edge, i) => `WHEN ${x} < ${literal(edge)} THEN ${i}`);
  const last = edges.length - 1;
  return `${upper.join(" ")} WHEN ${x} <= ${literal(edges.at(-1) ?? 0)} THEN ${last} ELSE ${last + 1}`;
}

/** The very double, where a bare 0.1 would be a decimal. */
function literal(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

/** Rows of each segment by bin: the category's place from 1, 0 for one that is not named, -2 for none at all. */
export function categoryBinCounts(
  source: FrameSource,
  column: FrameColumn,
  given: { categories: readonly string[]; segments: readonly Segment[] },
): Statement {
  const parameters = new Parameters();
  const names = `SELECT unnest(from_json(CAST(${parameters.bind(JSON.stringify(given.categories))} AS VARCHAR), '["VARCHAR"]')) AS name`;
  const rows = frame(source, { columns: [column], segments: given.segments }, parameters);
  const sql = `WITH names AS (SELECT name, row_number() OVER () AS place FROM (${names})), w AS MATERIALIZED (${rows})
    SELECT CASE WHEN x0 IS NULL THEN ${MISSING_BIN} ELSE coalesce(place, 0) END AS bin, ${counted(given.segments.length)},
      ${given.segments.map((_, i) => `count(DISTINCT x0) FILTER (WHERE s${i}) AS d${i}`).join(", ")}
    FROM w LEFT JOIN names ON name = x0 GROUP BY bin ORDER BY bin`;
  return { sql, parameters: parameters.values };
}

/** Distinct finite values, rising, with their rows of each segment. */
export function numberValues(
  source: FrameSource,
  column: FrameColumn,
  given: { segments: readonly Segment[]; most: number | undefined },
): Statement {
  const parameters = new Parameters();
  const rows = frame(source, { columns: [column], segments: given.segments }, parameters);
  const taken = given.most === undefined ? rows : drawn(rows, given.most);
  const sql = `SELECT x0 AS x, ${counted(given.segments.length)} FROM (${taken}) WHERE x0 IS NOT NULL GROUP BY x0 ORDER BY x0`;
  return { sql, parameters: parameters.values };
}

const LATENCIES = [0.5, 0.95, 0.99];

/** One row: for each segment its rows, errors, answers by something else than the model, new entities, three latencies. */
export function traffic(source: FrameSource, segments: readonly Segment[]): Statement {
  const parameters = new Parameters();
  const has = (name: string) => source.columns.some((column) => column.name === name);
  const besides = {
    failed: has("status") ? "coalesce(status >= 400, false)" : "false",
    defaulted: has("served_by") ? "coalesce(served_by <> 'model', false)" : "false",
    fresh: has("cohort") ? "coalesce(cohort = 'new', false)" : "false",
    latency: has("latency_ms") ? numberOf(source, "latency_ms") : "CAST(NULL AS DOUBLE)",
  };
  const rows = frame(source, { columns: [], segments, besides }, parameters);
  const sums = segments.map((_, i) =>
    ["true", "failed", "defaulted", "fresh"]
      .map((condition) => `count(*) FILTER (WHERE s${i} AND ${condition})`)
      .concat(LATENCIES.map((share) => `quantile_disc(latency, ${share}) FILTER (WHERE s${i})`))
      .join(", "),
  );
  return { sql: `SELECT ${sums.join(", ")} FROM (${rows})`, parameters: parameters.values };
}

/** Where labels stand: beside the rows, or in a table of their own by prediction id. */
export type LabelSource =
  | { kind: "column"; name: string }
  | { kind: "table"; table: string; beforeMs: number };

export interface JudgedQuestion {
  performance: Performance;
  labels: LabelSource;
  segments: readonly Segment[];
}

/** One row: for each segment how many predictions it has, and how many of them a label. */
export function labelCounts(source: FrameSource, question: JudgedQuestion): Statement {
  const parameters = new Parameters();
  const rows = judgedRows(source, question, parameters);
  const sums = question.segments.map(
    (_, i) => `count(*) FILTER (WHERE s${i}), count(*) FILTER (WHERE s${i} AND actual IS NOT NULL)`,
  );
  return { sql: `SELECT ${sums.join(", ")} FROM (${rows})`, parameters: parameters.values };
}

/** Labelled predictions: predicted and actual as text and as number, score, and whether each segment has it. */
export function judgedValues(source: FrameSource, question: JudgedQuestion, most: number): Statement {
  const parameters = new Parameters();
  const rows = judgedRows(source, question, parameters);
  const labelled = drawn(`SELECT * FROM (${rows}) WHERE actual IS NOT NULL`, most);
  const flags = question.segments.map((_, i) => `s${i}`).join(", ");
  const sql = `SELECT predicted, actual, predicted_number, actual_number, score, ${flags} FROM (${labelled})`;
  return { sql, parameters: parameters.values };
}

function judgedRows(source: FrameSource, question: JudgedQuestion, parameters: Parameters): string {
  const { performance, labels, segments } = question;
  const score = performance.task === "classification" ? performance.score : undefined;
  const besides = {
    predicted: textOf(source, performance.prediction),
    predicted_number: numberOf(source, performance.prediction),
    score: score === undefined ? "CAST(NULL AS DOUBLE)" : numberOf(source, score),
    ...(labels.kind === "table"
      ? {}
      : { actual: textOf(source, labels.name), actual_number: numberOf(source, labels.name) }),
  };
  const rows = `SELECT * FROM (${frame(source, { columns: [], segments, besides }, parameters)}) WHERE predicted IS NOT NULL`;
  if (labels.kind === "column") return rows;
  const before = parameters.bind(labels.beforeMs);
  return `SELECT rows.*, found.label AS actual, found.label_number AS actual_number FROM (${rows}) AS rows
    LEFT JOIN (SELECT prediction_id, label, label_number FROM ${labels.table} WHERE received_ms < ${before}) AS found
    ON found.prediction_id = rows.key`;
}

// The reference

/** One row: rows, values that are there, finite ones, then least, inner deciles, greatest, and the ends of the clamp. */
export function numberOutline(source: FrameSource, column: FrameColumn): Statement {
  const parameters = new Parameters();
  const rows = frame(source, { columns: [column], segments: [] }, parameters);
  const shares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 0.001, 0.999];
  const sql = `SELECT count(*), count(*) FILTER (WHERE p0), count(x0), ${shares
    .map((share) => `quantile_disc(x0, ${share})`)
    .join(", ")} FROM (${rows})`;
  return { sql, parameters: parameters.values };
}

/** Distinct values of rows drawn by their place, with how often each was drawn. */
export function referenceValues(source: FrameSource, column: FrameColumn, most: number): Statement {
  const parameters = new Parameters();
  const rows = frame({ ...source, key: undefined }, { columns: [column], segments: [] }, parameters);
  // Steps of a generator's multiplier go round its prime without a pattern that data of a day or a week would share.
  const place = "(CAST(key AS BIGINT) * 48271) % 2147483647";
  const taken = `SELECT x0 FROM (${rows}) WHERE x0 IS NOT NULL ORDER BY ${place} LIMIT ${most}`;
  return {
    sql: `SELECT x0, count(*) FROM (${taken}) GROUP BY x0 ORDER BY x0`,
    parameters: parameters.values,
  };
}

/** The most frequent categories with their rows; equal ones by name. */
export function categoryOutline(source: FrameSource, column: FrameColumn, most: number): Statement {
  const parameters = new Parameters();
  const rows = frame(source, { columns: [column], segments: [] }, parameters);
  const sql = `SELECT x0, count(*) AS n FROM (${rows}) WHERE x0 IS NOT NULL GROUP BY x0 ORDER BY n DESC, x0 LIMIT ${most}`;
  return { sql, parameters: parameters.values };
}

/** One row: all rows, and those that have a value. */
export function categoryTotals(source: FrameSource, column: FrameColumn): Statement {
  const parameters = new Parameters();
  const rows = frame(source, { columns: [column], segments: [] }, parameters);
  return { sql: `SELECT count(*), count(x0) FROM (${rows})`, parameters: parameters.values };
}
