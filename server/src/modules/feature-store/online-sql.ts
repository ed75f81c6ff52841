import {
  aggregateCall,
  featureNames,
  type History,
  keyNames,
  list,
  MICROS,
  newestFirst,
  plainRows,
  windowRows,
  windowsOf,
} from "./history-sql.ts";

/** Which keys a statement answers for: the work is done in parts, each a share of the keys. */
export interface Part {
  index: number;
  of: number;
}

/**
 * The values of each key as of a time: `__k…`, `__ts`, `__created`, `__f…`. Of plain views the newest row not after it;
 * of windows the same sums that the training join would give at that time.
 */
export function asOfSql(
  history: History,
  at: { asOfMs: number; sinceMs?: number | undefined },
  part: Part,
): string {
  return windowsOf(history).length > 0 ? windowsAt(history, at.asOfMs, part) : newestAt(history, at, part);
}

function newestAt(
  history: History,
  { asOfMs, sinceMs }: { asOfMs: number; sinceMs?: number | undefined },
  part: Part,
): string {
  const keys = keyNames(history);
  const since = sinceMs === undefined ? "true" : `__ts > ${sinceMs * MICROS}`;
  return `select ${list([...keys, "__ts", "__created", ...featureNames(history)])}
from (${plainRows(history)})
where __ts <= ${asOfMs * MICROS} and ${since} and ${within(keys, part)}
qualify row_number() over (partition by ${list(keys)} order by ${newestFirst(history)}) = 1`;
}

function windowsAt(history: History, asOfMs: number, part: Part): string {
  const keys = keyNames(history);
  const at = asOfMs * MICROS;
  const calls = windowsOf(history).map(
    (feature, i) =>
      `${aggregateCall(history, feature)} filter (where __ts >= ${at - feature.windowMs * MICROS}) as __f${i}`,
  );
  return `select ${list([...keys, `${at} as __ts`, "cast(null as BIGINT) as __created", ...calls])}
from (select *, 1 as __event from (${windowRows(history)}))
where __ts < ${at} and ${within(keys, part)}
group by ${list(keys)}`;
}

function within(keys: readonly string[], { index, of }: Part): string {
  return of === 1 ? "true" : `hash(${list(keys)}) % ${of} = ${index}`;
}
