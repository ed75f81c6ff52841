import type { TrainingSet } from "@atrium/contract/feature-store";
import type { OfflineColumn, OfflineEngine, OfflineTable, OfflineValue } from "#ports/offline-engine";
import { quoted } from "./history-sql.ts";
import { STATEMENT_LIMITS } from "./work.ts";

const EXACT_DISTINCT_MAX = 100_000; // Up to about so many, values are counted; the estimate is off by up to a fifth.
const MEASURES = 6;

type Statistics = TrainingSet["columns"][number];

/** What each column of a stored table holds: one pass over all of them, and one more that counts distinct values where they are few. */
export async function describeColumns(
  offline: Pick<OfflineEngine, "query">,
  table: OfflineTable,
  signal: AbortSignal,
): Promise<Statistics[]> {
  const ask = (sql: string) => offline.query({ tables: { rows: table }, sql, signal }, STATEMENT_LIMITS);
  const { columns } = await ask("select * from rows limit 0");
  const all = columns.flatMap(({ name, type }) => measures(name, type));
  const [row = []] = (await ask(`select count(*), ${all.join(", ")} from rows`)).rows;
  const [rowCount = 0, ...cells] = row;
  const found = columns.map((column, i) => {
    const statistics = statisticsOf(column, cells.slice(i * MEASURES, (i + 1) * MEASURES));
    // An estimate may say more than there can be.
    const present = Number(rowCount) - statistics.nulls;
    return { ...statistics, distinct: Math.min(statistics.distinct, present) };
  });
  const few = found.filter(({ distinct }) => distinct <= EXACT_DISTINCT_MAX);
  const counts = few.map(({ name }) => `count(distinct ${quoted(name)})`);
  const [exact = []] = few.length === 0 ? [] : (await ask(`select ${counts.join(", ")} from rows`)).rows;
  for (const [i, statistics] of few.entries()) statistics.distinct = Number(exact[i]);
  return found;
}

const NUMERIC = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$|^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const ORDERED = /^(VARCHAR|DATE|BOOLEAN|TIMESTAMP.*)$/;
const TEXT_CHARS_SHOWN = 200;

/** Six measures of each column, all in one pass over the rows. */
function measures(name: string, type: string): string[] {
  const column = quoted(name);
  const isNumber = NUMERIC.test(type);
  const shown = type === "VARCHAR" ? `left(${column}, ${TEXT_CHARS_SHOWN})` : column;
  const hasOrder = isNumber || ORDERED.test(type);
  return [
    `count(*) - count(${column})`,
    `approx_count_distinct(${column})`,
    hasOrder ? `min(${shown})` : "null",
    hasOrder ? `max(${shown})` : "null",
    isNumber ? `avg(cast(${column} as DOUBLE))` : "null",
    isNumber ? `stddev_samp(cast(${column} as DOUBLE))` : "null",
  ];
}

function statisticsOf(
  { name, type }: OfflineColumn,
  [nulls = 0, distinct = 0, min = null, max = null, mean = null, std = null]: readonly OfflineValue[],
): Statistics {
  return {
    name,
    type,
    nulls: Number(nulls),
    distinct: Number(distinct),
    ...(isPlain(min) ? { min } : {}),
    ...(isPlain(max) ? { max } : {}),
    ...(typeof mean === "number" ? { mean } : {}),
    ...(typeof std === "number" ? { std } : {}),
  };
}

function isPlain(value: OfflineValue): value is string | number | boolean {
  return value !== null && typeof value !== "object";
}
