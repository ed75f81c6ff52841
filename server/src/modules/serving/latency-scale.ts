// Upper bounds in milliseconds, each a quarter more than the one before: a quantile is then told to within 12 %.
const FIRST_MS = 0.25;
const RATIO = 1.25;
const BOUNDS = 80; // The last but one is about three hours: longer than any request may take.

/** Counts of latencies by the bucket they fall into; trailing zeros may be left out. */
export type Latencies = readonly number[];

export function bucketOf(ms: number): number {
  if (ms <= FIRST_MS) return 0;
  return Math.min(BOUNDS - 1, Math.ceil(Math.log(ms / FIRST_MS) / Math.log(RATIO)));
}

function boundOf(bucket: number): number {
  return FIRST_MS * RATIO ** bucket;
}

export function addUp(all: readonly Latencies[]): number[] {
  const sum: number[] = [];
  for (const counts of all) for (const [i, count] of counts.entries()) sum[i] = (sum[i] ?? 0) + count;
  return Array.from(sum, (count) => count ?? 0);
}

/** The bound below which that share of all lies; undefined of nothing. */
export function quantile(counts: Latencies, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = share * total;
  for (const [bucket, count] of counts.entries()) {
    left -= count;
    if (left <= 0) return boundOf(bucket);
  }
  return boundOf(counts.length - 1);
}

/** How many took longer than the bound of a bucket. */
export function slower(counts: Latencies, bucket: number): number {
  return counts.slice(bucket + 1).reduce((sum, count) => sum + count, 0);
}
