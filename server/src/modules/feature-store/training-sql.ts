import {
  aggregateCall,
  featureNames,
  type History,
  keyCasts,
  keyNames,
  list,
  MICROS,
  newestFirst,
  plainRows,
  quoted,
  windowColumns,
  windowRows,
  windowsOf,
} from "./history-sql.ts";
import type { Feature, WindowFeature } from "./window.ts";

/**
 * How a view is joined: all candidates of a row and then the newest, or one pass over both in the order of time. Windows by
 * frames over all events, or by differences of running totals, which is ten times less work.
 */
export type JoinPlan = "candidates" | "ordered" | "windows" | "totals";

export interface JoinedView {
  history: History;
  plan: JoinPlan;
  /** Index in the history's features → the name of the column. */
  columns: readonly { feature: number; as: string; filled: Feature["default"] }[];
}

export interface TrainingJoin {
  /** The table of entity rows. */
  frame: string;
  timestampColumn: string;
  views: readonly JoinedView[];
}

const CANDIDATES_MAX = 50; // Of one entity row: with more of them sorting all is slower than one ordered pass, by far.

/** Names that statements use for themselves. */
export const OWN_NAMES: ReadonlySet<string> = new Set(["__row", "__at"]);

/** Chooses by how many rows of a key lie within the time to live. */
export function choosePlan(
  history: History,
  shape: { rows: number; keys: number; spanMs: number; whole: boolean },
): JoinPlan {
  const windows = windowsOf(history);
  const add = windows.every((feature) => ["count", "sum", "mean"].includes(feature.function));
  if (windows.length > 0) return add && shape.whole ? "totals" : "windows";
  const share = history.ttlMs === null || shape.spanMs <= history.ttlMs ? 1 : history.ttlMs / shape.spanMs;
  return (shape.rows / Math.max(shape.keys, 1)) * share < CANDIDATES_MAX ? "candidates" : "ordered";
}

/** Asks for the shape of a view's rows: how many, of how many keys, over which time, and whether all numbers are whole. */
export function shapeSql(history: History): string {
  return `select count(*), approx_count_distinct(hash(${list(keyNames(history))})), min(__ts), max(__ts),
coalesce(bool_and(${areWhole(history)}), true)
from (${rowsOf(history)})`;
}

/** Totals of whole numbers up to a billion are exact, and so are their differences. */
function areWhole(history: History): string {
  const columns = windowColumns(history).map((_, i) => `__c${i}`);
  const each = columns.map(
    (column) => `(${column} is null or (trunc(${column}) = ${column} and abs(${column}) <= 1e9))`,
  );
  return each.length === 0 ? "true" : each.join(" and ");
}

function rowsOf(history: History): string {
  return windowsOf(history).length > 0 ? windowRows(history) : plainRows(history);
}

/**
 * The point-in-time join: to every entity row, once, what was known of its keys at its time. Of plain views the row with
 * the greatest time not after it and not older than the time to live, both ends inclusive, and of several the one that
 * was created last; of windows all rows from `time − window` on and before `time`.
 */
export function trainingSql({ frame, timestampColumn, views }: TrainingJoin): string {
  const joined = views.map(({ history, plan }, i) => `${name(i)} as (\n${joinSql(history, plan)}\n)`);
  const columns = views.flatMap((view, i) =>
    view.columns.map(({ feature, as, filled }) => {
      const value = `${name(i)}.__f${feature}`;
      return `${filled === undefined ? value : `coalesce(${value}, ${literal(filled)})`} as ${quoted(as)}`;
    }),
  );
  const joins = views.map((_, i) => `left join ${name(i)} on ${name(i)}.__row = __entity.__row`);
  return `with __entity as materialized (
select row_number() over () as __row, epoch_us(${quoted(timestampColumn)}) as __at, * from ${quoted(frame)}
),
${joined.join(",\n")}
select ${list(["__entity.* exclude (__row, __at)", ...columns])}
from __entity
${joins.join("\n")}
order by __entity.__row`;
}

function name(view: number): string {
  return `__v${view}`;
}

function joinSql(history: History, plan: JoinPlan): string {
  if (plan === "windows") return windowJoin(history);
  if (plan === "totals") return totalsJoin(history);
  return plan === "candidates" ? candidateJoin(history) : orderedJoin(history);
}

function entityRows(history: History): string {
  const whole = [...keyNames(history), "__at"].map((key) => `${key} is not null`).join(" and ");
  return `select * from (select __row, __at, ${list(keyCasts(history))} from __entity) where ${whole}`;
}

function sameKeys(history: History): string {
  return keyNames(history)
    .map((key) => `e.${key} = h.${key}`)
    .join(" and ");
}

function notTooOld({ ttlMs }: History): string {
  return ttlMs === null ? "true" : `h.__ts >= e.__at - ${ttlMs * MICROS}`;
}

function candidateJoin(history: History): string {
  const features = featureNames(history);
  return `select __row, ${list(features)} from (
select e.__row, ${list(["h.__ts", "h.__created", ...features.map((feature) => `h.${feature}`)])}
from (${entityRows(history)}) e join (${plainRows(history)}) h
on ${sameKeys(history)} and h.__ts <= e.__at and ${notTooOld(history)}
) qualify row_number() over (partition by __row order by ${newestFirst(history)}) = 1`;
}

function orderedJoin(history: History): string {
  const keys = list([...keyNames(history), "__ts"]);
  return `select e.__row, ${list(featureNames(history).map((feature) => `h.${feature}`))}
from (${entityRows(history)}) e asof join (
select * from (${plainRows(history)})
qualify row_number() over (partition by ${keys} order by ${newestFirst(history)}) = 1
) h on ${sameKeys(history)} and e.__at >= h.__ts
where ${notTooOld(history)}`;
}

/** Entity rows stand among the events as rows without values; a key that had no event yet has no values, not even 0. */
function windowJoin(history: History): string {
  const keys = list(keyNames(history));
  const columns = windowColumns(history).map((_, i) => `__c${i}`);
  const empty = columns.map((column) => `null as ${column}`);
  const windows = windowsOf(history);
  const lengths = [...new Set(windows.map(({ windowMs }) => windowMs))];
  const calls = windows.map(
    (feature, i) =>
      `${aggregateCall(history, feature)} over __w${lengths.indexOf(feature.windowMs)} as __f${i}`,
  );
  const frames = lengths.map(
    (ms, i) => `__w${i} as (${ordered(keys)} range between ${ms * MICROS} preceding and 1 preceding)`,
  );
  const shown = windows.map((_, i) => `case when __seen > 0 then __f${i} end as __f${i}`);
  return `select __row, ${list(shown)} from (
select ${list(["__row", "count(__event) over __all as __seen", ...calls])}
from (
select ${list([keys, "__ts", "1 as __event", ...columns, "null as __row"])} from (${windowRows(history)})
union all
select ${list([keys, "__at", "null as __event", ...empty, "__row"])} from (${entityRows(history)})
)
window __all as (${ordered(keys)} range between unbounded preceding and 1 preceding),
${frames.join(",\n")}
) where __row is not null`;
}

/**
 * The same as `windowJoin` where running totals lose nothing: what was counted before the row's time, less what was counted
 * before the window's begin. Events that no window of any row reaches are left out.
 */
function totalsJoin(history: History): string {
  const keys = list(keyNames(history));
  const columns = windowColumns(history).map((_, i) => i);
  const lengths = [...new Set(windowsOf(history).map(({ windowMs }) => windowMs))];
  const running = (call: string) => `${call} over (${ordered(keys)})`;
  const totals = [
    `${running("count(*)")} as __n`,
    ...columns.map((i) => `${running(`count(__c${i})`)} as __n${i}`),
    // Whole numbers up to 1e9 add up exactly in 128 bits, however many there are.
    ...columns.map((i) => `${running(`sum(cast(__c${i} as BIGINT))`)} as __s${i}`),
  ];
  const names = ["__n", ...columns.flatMap((i) => [`__n${i}`, `__s${i}`])];
  const before = (ms: number, prefix: string) => `${prefix} as (
select e.__row, ${list(names.map((name) => `h.${name} as ${prefix}${name}`))}
from __rows e asof join __totals h on ${sameKeys(history)} and e.__at - ${ms * MICROS} > h.__ts
)`;
  const ends = lengths.map((ms, i) => before(ms, `__w${i}`));
  const values = windowsOf(history).map((feature, i) => {
    const begin = `__w${lengths.indexOf(feature.windowMs)}`;
    const since = (total: string) => `(coalesce(__w${total}, 0) - coalesce(${begin}${total}, 0))`;
    return `${totalOf(history, feature, since)} as __f${i}`;
  });
  return `with __history as materialized (${windowRows(history)}),
__rows as materialized (${entityRows(history)}),
__first as (select ${keys}, min(__ts) as __since from __history group by ${keys}),
__totals as materialized (
select ${list([keys, "__ts", ...totals])} from __history
where __ts < (select max(__at) from __rows) and __ts >= (select min(__at) from __rows) - ${Math.max(...lengths) * MICROS}
),
${[before(0, "__w"), ...ends].join(",\n")}
select e.__row, ${list(values)}
from __rows e join __first h on ${sameKeys(history)} and h.__since < e.__at
${["__w", ...lengths.map((_, i) => `__w${i}`)].map((one) => `left join ${one} on ${one}.__row = e.__row`).join("\n")}`;
}

function totalOf(history: History, feature: WindowFeature, since: (total: string) => string): string {
  if (feature.column === undefined) return since("__n");
  const at = windowColumns(history).indexOf(feature.column);
  const [count, sum] = [since(`__n${at}`), since(`__s${at}`)];
  if (feature.function === "count") return count;
  const value = `cast(${sum} as DOUBLE)`;
  return `case when ${count} > 0 then ${feature.function === "sum" ? value : `${value} / ${count}`} end`;
}

function ordered(keys: string): string {
  return `partition by ${keys} order by __ts`;
}

/** A declared default as a literal: it was checked against its type. */
function literal(value: Feature["default"]): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "object") return `[${list(value.map(literal))}]`;
  return String(value);
}
