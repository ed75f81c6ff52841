import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { seal, unseal } from "#lib/seal";

const POINT_BYTES = 20; // 4 name the series, 8 hold the time, 8 the value.
const FAST = { level: constants.Z_BEST_SPEED }; // It becomes part of a chunk soon.
const OPENED_BYTES_MAX = 1024 * 1024; // Ours hold some thousand points; a damaged length must not take the memory.

export interface SeriesPoint {
  seriesId: number;
  atMs: number;
  value: number;
}

/** Seals points of many series as they came. */
export function sealPoints(key: Buffer, id: string, points: readonly SeriesPoint[]): Buffer {
  const plain = Buffer.alloc(points.length * POINT_BYTES);
  for (const [i, { seriesId, atMs, value }] of points.entries()) {
    plain.writeUInt32BE(seriesId, i * POINT_BYTES);
    plain.writeDoubleBE(atMs, i * POINT_BYTES + 4);
    plain.writeDoubleBE(value, i * POINT_BYTES + 12);
  }
  return seal(key, deflateRawSync(plain, FAST), contextOf(id));
}

export function openPoints(key: Buffer, id: string, sealed: Buffer): SeriesPoint[] {
  const plain = inflateRawSync(unseal(key, sealed, contextOf(id)), { maxOutputLength: OPENED_BYTES_MAX });
  const points: SeriesPoint[] = [];
  for (let at = 0; at < plain.length; at += POINT_BYTES)
    points.push({
      seriesId: plain.readUInt32BE(at),
      atMs: plain.readDoubleBE(at + 4),
      value: plain.readDoubleBE(at + 12),
    });
  return points;
}

function contextOf(id: string): string {
  return `telemetry points ${id}`;
}
