import type { ColumnProfile, DatasetProfile } from "@atrium/contract/datasets";
import type { Monitor } from "@atrium/contract/monitoring";
import type { ServingEndpoint } from "@atrium/contract/serving";

type WatchedColumn = Monitor["columns"][number];

export interface DraftColumn extends Pick<WatchedColumn, "name" | "kind" | "role"> {
  watched: boolean;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
export const WINDOW_LENGTHS: readonly number[] = [
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
];
const WINDOWS_WANTED = 20; // Enough to see a course, few enough that each has rows.
const CATEGORIES_MAX = 1000; // A column with more is a key or free text, and has no distribution to speak of.
const KEY_SHARE = 0.9; // Of the rows: so many different whole numbers or texts are a key.
const WATCHED_MAX = 100; // As many as a monitor takes.

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|REAL|DOUBLE|DECIMAL.*)$/i;
const WHOLE = /INT/i;
const TIME = /^(TIMESTAMP.*|DATE)$/i;
const TIME_NAME = /(_ms|_at|^at|time|date)$/i;

/** Columns that may hold a row's time, the likeliest first. */
export function timeColumns({ columns }: DatasetProfile): string[] {
  const times = columns.filter(({ type }) => TIME.test(type));
  const numbers = columns.filter(({ type, name }) => /^BIGINT$/i.test(type) && TIME_NAME.test(name));
  return [...times, ...numbers].map(({ name }) => name);
}

/** A dataset's columns as a monitor would watch them: numbers and categories, but no keys, times and free text. */
export function columnsOfDataset({ columns, rowCount }: DatasetProfile): DraftColumn[] {
  const drafts = columns
    .filter(({ type }) => !TIME.test(type))
    .map((column): DraftColumn => {
      const kind = NUMBER.test(column.type) ? "number" : "category";
      return { name: column.name, kind, role: "feature", watched: saysSomething(column, kind, rowCount) };
    });
  return atMost(drafts, WATCHED_MAX);
}

function saysSomething(column: ColumnProfile, kind: WatchedColumn["kind"], rowCount: number): boolean {
  const { name, type, distinct = 0, nulls } = column;
  const isKey = distinct > KEY_SHARE * Math.max(1, rowCount - nulls);
  if (kind === "number") return !(WHOLE.test(type) && isKey) && !(WHOLE.test(type) && TIME_NAME.test(name));
  return !isKey && distinct <= CATEGORIES_MAX;
}

/** An endpoint's logged inputs and outputs, as its newest ready deployment names them. */
export function columnsOfEndpoint({ deployments }: ServingEndpoint): DraftColumn[] {
  const model = deployments.find(({ state }) => state === "ready") ?? deployments[0];
  const kindOf = (datatype: string) =>
    datatype === "BYTES" || datatype === "BOOL" ? ("category" as const) : ("number" as const);
  const drafts = [
    ...(model?.inputs ?? []).map(({ name, datatype }) => ({
      ...{ name: `input_${name}`, kind: kindOf(datatype), role: "feature" as const, watched: true },
    })),
    ...(model?.outputs ?? []).map(({ name, datatype }) => ({
      ...{ name: `output_${name}`, kind: kindOf(datatype), role: "output" as const, watched: true },
    })),
  ];
  return atMost(drafts, WATCHED_MAX);
}

function atMost(drafts: readonly DraftColumn[], most: number): DraftColumn[] {
  let left = most;
  return drafts.map((one) => ({ ...one, watched: one.watched && left-- > 0 }));
}

/** The usual length that cuts a time into about twenty windows. */
export function windowLength(rangeMs: number): number {
  const fitting = WINDOW_LENGTHS.findLast((length) => rangeMs / length >= WINDOWS_WANTED);
  return fitting ?? WINDOW_LENGTHS[0] ?? HOUR_MS;
}

/** First and last time of a column, in milliseconds; a time without a zone is UTC, as the engine has it. */
export function timeRangeOf({ columns }: DatasetProfile, name: string): [number, number] | undefined {
  const column = columns.find((one) => one.name === name);
  const [from, to] = [momentOf(column?.min), momentOf(column?.max)];
  return from === undefined || to === undefined ? undefined : [from, to];
}

function momentOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const text = value.replace(" ", "T");
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes("T") ? text : `${text}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : ms;
}
