import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

/** Points of one series in the order of time. */
export interface Points {
  atMs: number[];
  values: number[];
}

const PAIR_BYTES = 12; // A point of a sample: 4 bytes name the series, 8 hold its value.
const FAST = { level: constants.Z_BEST_SPEED }; // A chunk is a kilobyte; better levels gain a few percent of it.
const CHUNK_BYTES_MAX = 1024 * 1024; // Ours hold some hundred points; a damaged length must not take the memory.

/** Times as distances and values byte by byte (all first bytes, all second bytes, …), for neighbours are alike. */
export function packPoints({ atMs, values }: Points): Buffer {
  const count = atMs.length;
  const start = atMs[0] ?? 0;
  const plain = Buffer.alloc(8 + count * PAIR_BYTES);
  plain.writeDoubleBE(start, 0);
  const value = Buffer.alloc(8);
  for (let i = 0; i < count; i += 1) {
    plain.writeUInt32BE((atMs[i] ?? 0) - (atMs[i - 1] ?? start), 8 + i * 4);
    value.writeDoubleBE(values[i] ?? 0);
    for (let byte = 0; byte < 8; byte += 1) plain[8 + count * (4 + byte) + i] = value[byte] ?? 0;
  }
  return deflateRawSync(plain, FAST);
}

export function unpackPoints(packed: Buffer): Points {
  const plain = inflateRawSync(packed, { maxOutputLength: CHUNK_BYTES_MAX });
  const count = (plain.length - 8) / PAIR_BYTES;
  const points: Points = { atMs: [], values: [] };
  const value = Buffer.alloc(8);
  let at = plain.readDoubleBE(0);
  for (let i = 0; i < count; i += 1) {
    at += plain.readUInt32BE(8 + i * 4);
    for (let byte = 0; byte < 8; byte += 1) value[byte] = plain[8 + count * (4 + byte) + i] ?? 0;
    points.atMs.push(at);
    points.values.push(value.readDoubleBE());
  }
  return points;
}

/** One reading of many series: series id → value. */
export function packReading(reading: ReadonlyMap<number, number>): Buffer {
  const plain = Buffer.alloc(reading.size * PAIR_BYTES);
  let at = 0;
  for (const [id, value] of reading) {
    plain.writeUInt32BE(id, at);
    plain.writeDoubleBE(value, at + 4);
    at += PAIR_BYTES;
  }
  return deflateRawSync(plain, FAST);
}

export function unpackReading(packed: Buffer): Map<number, number> {
  const plain = inflateRawSync(packed, { maxOutputLength: CHUNK_BYTES_MAX });
  const reading = new Map<number, number>();
  for (let at = 0; at < plain.length; at += PAIR_BYTES)
    reading.set(plain.readUInt32BE(at), plain.readDoubleBE(at + 4));
  return reading;
}

/** At most `pointsMax` points: as they are when they are few, else the average of equal buckets of time. */
export function thin(
  points: Points,
  range: { fromMs: number; toMs: number },
  pointsMax: number,
): [atMs: number, value: number][] {
  const inRange = points.atMs.flatMap((atMs, i): [number, number][] =>
    atMs >= range.fromMs && atMs < range.toMs ? [[atMs, points.values[i] ?? 0]] : [],
  );
  if (inRange.length <= pointsMax) return inRange;
  const stepMs = (range.toMs - range.fromMs) / pointsMax;
  const buckets = new Map<number, { sum: number; count: number }>();
  for (const [atMs, value] of inRange) {
    const bucket = Math.floor((atMs - range.fromMs) / stepMs);
    const { sum, count } = buckets.get(bucket) ?? { sum: 0, count: 0 };
    buckets.set(bucket, { sum: sum + value, count: count + 1 });
  }
  return [...buckets].map(([bucket, { sum, count }]) => [
    Math.round(range.fromMs + (bucket + 0.5) * stepMs),
    sum / count,
  ]);
}
