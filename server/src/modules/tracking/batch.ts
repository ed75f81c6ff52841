import { AppError } from "#lib/errors";
import type { Batch, KeyValue, Point } from "./door.ts";
import { arrange, type Points, pointsOf } from "./points.ts";
import { quoted, realText } from "./wording.ts";

// Bounds that clients know and cut their batches by.
const METRICS_MAX = 1000;
const PARAMS_MAX = 100;
const TAGS_MAX = 100;
const ALL_MAX = 1000;
const KEY_CHARS_MAX = 250;
const PARAM_CHARS_MAX = 6000;
const TAG_CHARS_MAX = 8000;

const NUMBER_MAX = Number.MAX_VALUE; // Stands for infinity, which clients of this kind never get back as such.
const KEY = /^[/\p{L}\p{N}\p{M}_.\- :]*$/u;

/** A batch as it will be stored: keys checked, long values cut, points grouped by metric, ordered, each once. */
export interface CheckedBatch {
  params: readonly KeyValue[];
  /** The last value of each key. */
  tags: readonly KeyValue[];
  series: readonly { key: string; points: Points }[];
  /** Points that are about a logged model. */
  ofModels: readonly Point[];
}

/** @throws AppError `invalid` */
export function checkBatch({ metrics, params, tags }: Batch): CheckedBatch {
  checkSize("metrics", metrics.length, METRICS_MAX);
  checkSize("params", params.length, PARAMS_MAX);
  checkSize("tags", tags.length, TAGS_MAX);
  checkSize("metrics, params, and tags", metrics.length + params.length + tags.length, ALL_MAX);
  const points = metrics.map(checkPoint);
  return {
    params: checkParams(params),
    tags: checkTags(tags),
    series: grouped(points),
    ofModels: points.filter((point) => point.modelId !== undefined && point.modelId !== ""),
  };
}

function checkSize(what: string, size: number, most: number): void {
  if (size <= most) return;
  throw new AppError(
    "invalid",
    `A batch logging request can contain at most ${most} ${what}. Got ${size} ${what}. ` +
      `Please split up ${what} across multiple requests and try again.`,
  );
}

function checkParams(params: readonly KeyValue[]): KeyValue[] {
  const checked = params.map(({ key, value }, i) => {
    checkKey(key, `params[${i}].key`);
    return { key, value: storable(value, PARAM_CHARS_MAX, `params[${i}].value`) };
  });
  const keys = checked.map(({ key }) => key);
  const twice = keys.filter((key, i) => keys.indexOf(key) !== i);
  if (twice.length === 0) return checked;
  throw new AppError(
    "invalid",
    `Duplicate parameter keys have been submitted: [${[...new Set(twice)].map(quoted).join(", ")}]. Please ensure the request contains only ` +
      "one param value per param key.",
  );
}

/** Checks tags of a run; of several values of one key the last counts. @throws AppError `invalid` */
export function checkTags(tags: readonly KeyValue[]): KeyValue[] {
  const byKey = new Map<string, string>();
  for (const [i, { key, value }] of tags.entries()) {
    checkKey(key, `tags[${i}].key`);
    byKey.set(key, storable(value, TAG_CHARS_MAX, `tags[${i}].value`));
  }
  return [...byKey].map(([key, value]) => ({ key, value }));
}

/** A key of a param, a metric or a tag: it may be used as a file's name. @throws AppError `invalid` */
export function checkKey(key: string, at: string): void {
  const problem = problemOf(key);
  if (problem === undefined) return;
  const shown = JSON.stringify(key.length > KEY_CHARS_MAX ? `${key.slice(0, KEY_CHARS_MAX)}...` : key);
  throw new AppError("invalid", `Invalid value ${shown} for parameter '${at}' supplied: ${problem}`, { at });
}

function problemOf(key: string): string | undefined {
  if (key.length > KEY_CHARS_MAX) {
    return `The key has ${key.length} characters and exceeds the maximum length of ${KEY_CHARS_MAX} characters`;
  }
  if (!KEY.test(key)) {
    return (
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) " +
      "and slashes (/)."
    );
  }
  const segments = key.split("/");
  const resolves =
    key.startsWith("..") || segments.some((part) => part === "" || part === "." || part === "..");
  return resolves
    ? "Names may be treated as files in certain cases, and must not resolve to other names when treated as such."
    : undefined;
}

/** Text as the database can hold it, cut at `charsMax` characters. */
function storable(text: string, charsMax: number, at: string): string {
  if (text.includes("\0")) {
    throw new AppError(
      "invalid",
      `Invalid value for parameter '${at}' supplied: text must not contain NUL.`,
      {
        at,
      },
    );
  }
  const wellFormed = text.toWellFormed();
  if (wellFormed.length <= charsMax) return wellFormed;
  return [...wellFormed].slice(0, charsMax).join("");
}

function checkPoint(point: Point, i: number): Point {
  checkKey(point.key, `metrics[${i}].name`);
  const { timestampMs, step } = point;
  if (!Number.isSafeInteger(timestampMs) || timestampMs < 0) {
    throw new AppError(
      "invalid",
      `Invalid value ${timestampMs} for parameter 'metrics[${i}].timestamp' supplied: metric '${point.key}' ` +
        `(value=${realText(point.value)}). Timestamp must be a nonnegative long (64-bit integer) `,
      { at: `metrics[${i}].timestamp` },
    );
  }
  if (!Number.isSafeInteger(step)) {
    throw new AppError(
      "invalid",
      `Got invalid step ${step} for metric '${point.key}' (value=${point.value}). Step must be a whole number up to ` +
        "9007199254740991.",
      { at: `metrics[${i}].step` },
    );
  }
  const { value } = point;
  if (value <= NUMBER_MAX && value >= -NUMBER_MAX && !Object.is(value, -0)) return point;
  if (Number.isNaN(value)) return point;
  return { ...point, value: value === 0 ? 0 : Math.sign(value) * NUMBER_MAX };
}

function grouped(points: readonly Point[]): { key: string; points: Points }[] {
  const byKey = new Map<string, Point[]>();
  for (const point of points) {
    const group = byKey.get(point.key);
    if (group === undefined) byKey.set(point.key, [point]);
    else group.push(point);
  }
  return [...byKey].map(([key, group]) => ({ key, points: columnsOf(group) }));
}

function columnsOf(group: readonly Point[]): Points {
  const columns = pointsOf(group.length);
  for (const [i, point] of group.entries()) {
    columns.timestampsMs[i] = point.timestampMs;
    columns.steps[i] = point.step;
    columns.values[i] = point.value;
  }
  return arrange(columns);
}
