import { AppError } from "#lib/errors";
import {
  type DataRow,
  type FeatureColumn,
  type FeatureRef,
  type FeatureServiceShape,
  type FeatureStatus,
  type FeatureValue,
  type KeyRow,
  parseTime,
  type WrittenRow,
} from "#modules/feature-store";
import type { Frame, OnlineFeaturesAnswer } from "./wire.ts";

const STATUS: Record<FeatureStatus, string> = {
  present: "PRESENT",
  null: "NULL_VALUE",
  missing: "NOT_FOUND",
  stale: "OUTSIDE_MAX_AGE",
};
const REF = /^([^:@]+)(?:@v([0-9]{1,9}))?:([^:@]+)$/;
const EVENT_TIME = "event_timestamp";
const CREATED = "created";

type Shape = Omit<FeatureServiceShape, "name">;

/** `view:feature` or `view@v2:feature`. @throws AppError `invalid` */
export function parseRef(text: string): FeatureRef {
  const [, view, version, feature] = REF.exec(text) ?? [];
  if (view === undefined || feature === undefined) {
    throw new AppError("invalid", `A feature is named view:feature, and not ${text.slice(0, 200)}.`, {
      at: "features",
    });
  }
  return { view, feature, ...(version === undefined ? {} : { version: Number(version) }) };
}

/** The join keys of each row; other columns are left out, as their server does. @throws AppError `invalid` */
export function keyRows(frame: Frame, { joinKeys }: Shape): KeyRow[] {
  const missing = joinKeys.find(({ name }) => !Object.hasOwn(frame, name));
  if (missing !== undefined) {
    throw new AppError("invalid", `The join key ${missing.name} is missing.`, { at: "entities" });
  }
  return rowsOf(frame).map((row) =>
    Object.fromEntries(
      joinKeys.flatMap(({ name }) => {
        const value = row[name];
        return typeof value === "string" || typeof value === "number" ? [[name, value]] : [];
      }),
    ),
  );
}

/**
 * Their answer: a list of values for each name, the join keys first.
 * @throws AppError `invalid` with reason `collision` when two features would have one name
 */
export function onlineAnswer(
  frame: Frame,
  { shape, columns }: { shape: Shape; columns: readonly FeatureColumn[] },
  names: "short" | "full",
): OnlineFeaturesAnswer {
  const features = shape.features.map(({ name, view }) => (names === "full" ? `${view}__${name}` : name));
  const twin = features.find((name, i) => features.indexOf(name) !== i);
  if (twin !== undefined) {
    throw new AppError("invalid", `Two features are called ${twin}; ask with full_feature_names.`, {
      reason: "collision",
    });
  }
  const keys = shape.joinKeys.map(({ name }) => ({
    values: frame[name] ?? [],
    statuses: (frame[name] ?? []).map(() => STATUS.present),
    event_timestamps: (frame[name] ?? []).map(() => timeText(0)),
  }));
  const results = columns.map(({ values, statuses, eventMs }, i) => ({
    values: shape.features[i]?.type === "timestamp" ? values.map(toSeconds) : [...values],
    statuses: statuses.map((status) => STATUS[status]),
    event_timestamps: eventMs.map((ms) => timeText(ms ?? 0)),
  }));
  return {
    metadata: { feature_names: [...shape.joinKeys.map(({ name }) => name), ...features] },
    results: [...keys, ...results],
  };
}

/** A frame's rows, each value by its column. */
function rowsOf(frame: Frame): Record<string, FeatureValue>[] {
  const columns = Object.entries(frame);
  const count = columns[0]?.[1].length ?? 0;
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[i] ?? null])),
  );
}

/** Pushed rows are a source's own columns: they go as they are. */
export function pushedRows(frame: Frame): DataRow[] {
  return rowsOf(frame);
}

/** Rows that carry a view's features by name, with `event_timestamp` and perhaps `created`. @throws AppError `invalid` */
export function writtenRows(frame: Frame, shape: Shape, nowMs: number): WrittenRow[] {
  const keyNames = new Set(shape.joinKeys.map(({ name }) => name));
  const types = new Map(shape.features.map(({ name, type }) => [name, type]));
  return rowsOf(frame).map((row, i) => {
    const { [EVENT_TIME]: eventTime, [CREATED]: created, ...rest } = row;
    const features = Object.entries(rest)
      .filter(([name]) => !keyNames.has(name))
      .map(([name, value]) => [name, types.get(name) === "timestamp" ? fromSeconds(value) : value]);
    return {
      keys: Object.fromEntries(
        Object.entries(rest).filter(([name]) => keyNames.has(name)),
      ) as WrittenRow["keys"],
      features: Object.fromEntries(features) as DataRow,
      eventMs: timeOf(eventTime, `df.${EVENT_TIME}.${i}`),
      createdMs: created === null || created === undefined ? nowMs : timeOf(created, `df.${CREATED}.${i}`),
    };
  });
}

function timeOf(value: FeatureValue | undefined, at: string): number {
  const ms = typeof value === "string" ? parseTime(value) : undefined;
  if (ms !== undefined) return ms;
  throw new AppError("invalid", "A row needs a time such as 2026-01-31T12:00:00.", { at });
}

/** Their times are whole seconds. */
function toSeconds(value: FeatureValue): FeatureValue {
  const ms = typeof value === "string" ? parseTime(value) : undefined;
  return ms === undefined ? null : Math.floor(ms / 1000);
}

function fromSeconds(value: FeatureValue): FeatureValue {
  const isTime = typeof value === "number" && Math.abs(value) <= SECONDS_MAX;
  return isTime ? new Date(value * 1000).toISOString() : value;
}

const SECONDS_MAX = 253_402_300_799; // The year 9999.

/** Without a fraction when it is zero, as protobuf writes times. */
function timeText(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text;
}
