import type { OfflineColumn } from "#ports/offline-engine";
import type { Segment } from "./plan.ts";

/** Collects what is bound to `$1`, `$2`, … of one statement. */
export class Parameters {
  readonly values: (string | number)[] = [];

  bind(value: string | number): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** Where a row's time and key are found, and which rows are wanted. */
export interface FrameSource {
  table: string;
  columns: readonly OfflineColumn[];
  /** A column of milliseconds, or of the engine's times. */
  time: string | undefined;
  /** Names a row for ever; where there is none its place in the table does. */
  key: string | undefined;
  span: { startMs: number; endMs: number } | undefined;
}

export interface FrameColumn {
  name: string;
  kind: "number" | "category";
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/;
const FRACTION = /^(FLOAT|DOUBLE|DECIMAL.*)$/;

/** A name as the engine reads it, whatever is in it. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The rows of a span as `key`, and for column i `x<i>` (its value, null if it is not of its kind) and `p<i>` (whether there
 * is one at all), for segment i `s<i>` (whether the row belongs to it), and what is asked for besides by name.
 */
export function frame(
  source: FrameSource,
  wanted: {
    columns: readonly FrameColumn[];
    segments: readonly Segment[];
    besides?: Readonly<Record<string, string>>;
  },
  parameters: Parameters,
): string {
  const key = source.key === undefined ? "CAST(row_number() OVER () AS VARCHAR)" : quoted(source.key);
  const parts = [
    `${key} AS key`,
    ...wanted.columns.flatMap((column, i) => [
      `${readable(source, column)} AS x${i}`,
      `${present(source, column.name)} AS p${i}`,
    ]),
    ...wanted.segments.map((segment, i) => `${belongs(source, segment, parameters)} AS s${i}`),
    ...Object.entries(wanted.besides ?? {}).map(([name, expression]) => `${expression} AS ${name}`),
    `${timeOf(source)} AS moment`,
  ];
  const rows = `SELECT ${parts.join(", ")} FROM ${source.table}`;
  if (source.span === undefined) return rows;
  const { startMs, endMs } = source.span;
  return `SELECT * FROM (${rows}) WHERE moment >= ${parameters.bind(startMs)} AND moment < ${parameters.bind(endMs)}`;
}

function timeOf({ columns, time }: FrameSource): string {
  if (time === undefined) return "0";
  const type = columns.find((column) => column.name === time)?.type ?? "";
  return /^(TIMESTAMP|DATE)/.test(type) ? `epoch_ms(CAST(${quoted(time)} AS TIMESTAMP))` : quoted(time);
}

/** True for a type that can be read as a moment. */
export function isTime(type: string): boolean {
  return /^(TIMESTAMP|DATE)/.test(type) || /^U?(BIGINT|INTEGER)$/.test(type);
}

function present(source: FrameSource, name: string): string {
  return typeOf(source, name) === undefined ? "false" : `(${quoted(name)} IS NOT NULL)`;
}

function readable(source: FrameSource, { name, kind }: FrameColumn): string {
  return kind === "number" ? numberOf(source, name) : textOf(source, name);
}

/** A finite number, or null. */
export function numberOf(source: FrameSource, name: string): string {
  const type = typeOf(source, name) ?? "";
  const isNumeric = NUMBER.test(type) || type === "VARCHAR";
  if (!isNumeric) return "CAST(NULL AS DOUBLE)";
  const number = `TRY_CAST(${quoted(name)} AS DOUBLE)`;
  return `(CASE WHEN isfinite(${number}) THEN ${number} END)`;
}

/** A value as text. A whole number is the same text whatever its type, so that 1 and 1.0 are one category. */
export function textOf(source: FrameSource, name: string): string {
  const type = typeOf(source, name);
  if (type === undefined) return "CAST(NULL AS VARCHAR)";
  const column = quoted(name);
  if (!FRACTION.test(type)) return `CAST(${column} AS VARCHAR)`;
  const whole = `CAST(CAST(${column} AS BIGINT) AS VARCHAR)`;
  return `(CASE WHEN ${column} = floor(${column}) AND abs(${column}) < 1e15 THEN ${whole} ELSE CAST(${column} AS VARCHAR) END)`;
}

function belongs(source: FrameSource, segment: Segment, parameters: Parameters): string {
  if (segment.column === undefined) return "true";
  const values = (segment.values ?? []).map((value) => parameters.bind(value));
  return `coalesce(${textOf(source, segment.column)} IN (${values.join(", ")}), false)`;
}

function typeOf({ columns }: FrameSource, name: string): string | undefined {
  return columns.find((column) => column.name === name)?.type;
}

/** At most so many rows of a frame, always the same ones: those whose keys have the least digests. */
export function drawn(rows: string, most: number): string {
  return `SELECT * FROM (${rows}) ORDER BY md5(key || '${DRAW_SEED}'), key LIMIT ${most}`;
}

/** Drawing depends on this and the rows' keys alone; another one draws other rows. */
const DRAW_SEED = ":atrium-monitoring-1";

/** How often each of the segments has a row for which a condition holds. */
export function counted(segments: number, condition = "true"): string {
  return Array.from(
    { length: segments },
    (_, i) => `count(*) FILTER (WHERE s${i} AND ${condition}) AS n${i}`,
  ).join(", ");
}
