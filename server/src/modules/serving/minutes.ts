import { addUp, bucketOf, type Latencies } from "./latency-scale.ts";
import type { PredictionRow } from "./prediction-rows.ts";
import type { MinuteRow } from "./tables.ts";

const MINUTE_MS = 60_000;

/** What happened, counted by minute, deployment and who answered. */
export function minutesOf(endpointId: string, rows: readonly PredictionRow[]): MinuteRow[] {
  const groups = Map.groupBy(rows, (row) =>
    [Math.floor(row.at / MINUTE_MS) * MINUTE_MS, row.dep, row.by, row.cohort].join(" "),
  );
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const counts: number[] = [];
    for (const row of own) {
      const bucket = bucketOf(row.ms);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    return [
      {
        endpoint_id: endpointId,
        minute_ms: Math.floor(first.at / MINUTE_MS) * MINUTE_MS,
        deployment_id: first.dep,
        served_by: first.by,
        cohort: first.cohort,
        predictions: own.length,
        errors: own.filter((row) => row.status >= 500).length,
        latencies: JSON.stringify(addUp([counts])),
      },
    ];
  });
}

/** Two counts of the same. */
export function joined(a: MinuteRow, b: MinuteRow): MinuteRow {
  const latencies = addUp([JSON.parse(a.latencies) as Latencies, JSON.parse(b.latencies) as Latencies]);
  return {
    ...a,
    predictions: a.predictions + b.predictions,
    errors: a.errors + b.errors,
    latencies: JSON.stringify(latencies),
  };
}

/** Each minute once. */
export function addMinutes(standing: readonly MinuteRow[], more: readonly MinuteRow[]): MinuteRow[] {
  const sums = new Map(standing.map((one) => [keyOf(one), one]));
  for (const one of more) {
    const old = sums.get(keyOf(one));
    sums.set(keyOf(one), old === undefined ? one : joined(old, one));
  }
  return [...sums.values()];
}

function keyOf(row: MinuteRow): string {
  return [row.minute_ms, row.deployment_id, row.served_by, row.cohort].join(" ");
}
