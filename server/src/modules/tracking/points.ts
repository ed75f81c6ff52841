/** Points of one metric, column by column, ordered by timestamp, step and value, each once. */
export interface Points {
  timestampsMs: Float64Array<ArrayBuffer>;
  steps: Float64Array<ArrayBuffer>;
  values: Float64Array<ArrayBuffer>;
}

const POINT_BYTES = 24; // Three floats of 8 bytes; every whole number we accept is exact in one.

export const NO_POINTS: Points = pointsOf(0);

export function pointsOf(size: number): Points {
  return {
    timestampsMs: new Float64Array(size),
    steps: new Float64Array(size),
    values: new Float64Array(size),
  };
}

/** Puts points in order and drops those that are there twice. May answer with what it was given. */
export function arrange(points: Points): Points {
  const size = points.steps.length;
  if (isArranged(points)) return points;
  const order = Uint32Array.from({ length: size }, (_, i) => i).sort(comparing(points, points));
  const arranged = pointsOf(size);
  const compare = comparing(arranged, points);
  let kept = 0;
  for (const i of order) {
    if (kept > 0 && compare(kept - 1, i) === 0) continue;
    arranged.timestampsMs[kept] = points.timestampsMs[i] ?? 0;
    arranged.steps[kept] = points.steps[i] ?? 0;
    arranged.values[kept] = points.values[i] ?? 0;
    kept += 1;
  }
  return slice(arranged, 0, kept);
}

function isArranged(points: Points): boolean {
  const compare = comparing(points, points);
  for (let i = 1; i < points.steps.length; i += 1) {
    if (compare(i - 1, i) >= 0) return false;
  }
  return true;
}

/** All points of several series parts, in order and each once. */
export function merge(parts: readonly Points[]): Points {
  const [only, second] = parts;
  if (only === undefined) return NO_POINTS;
  if (second === undefined) return arrange(only);
  const all = pointsOf(parts.reduce((sum, part) => sum + part.steps.length, 0));
  let at = 0;
  for (const part of parts) {
    all.timestampsMs.set(part.timestampsMs, at);
    all.steps.set(part.steps, at);
    all.values.set(part.values, at);
    at += part.steps.length;
  }
  return arrange(all);
}

export function slice(points: Points, start: number, end: number): Points {
  return {
    timestampsMs: points.timestampsMs.subarray(start, end),
    steps: points.steps.subarray(start, end),
    values: points.values.subarray(start, end),
  };
}

/**
 * Compares point `i` of one with point `j` of the other: by timestamp, step and value, as histories are read; NaN stands
 * behind the number 0, as which it compares.
 */
export function comparing(a: Points, b: Points): (i: number, j: number) => number {
  return (i, j) => {
    const byTime = (a.timestampsMs[i] ?? 0) - (b.timestampsMs[j] ?? 0);
    if (byTime !== 0) return byTime;
    const byStep = (a.steps[i] ?? 0) - (b.steps[j] ?? 0);
    if (byStep !== 0) return byStep;
    return compareValues(a.values[i] ?? 0, b.values[j] ?? 0);
  };
}

export function compareValues(a: number, b: number): number {
  // Not by subtraction: the difference of the two greatest numbers is no number.
  const [x, y] = [asNumber(a), asNumber(b)];
  if (x !== y) return x < y ? -1 : 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

export function asNumber(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** Point after point, each its timestamp, step and value, as little-endian floats like every machine we run on has them. */
export function encodePoints({ timestampsMs, steps, values }: Points): Buffer {
  const packed = new Float64Array(steps.length * 3);
  for (let i = 0; i < steps.length; i += 1) {
    packed[i * 3] = timestampsMs[i] ?? 0;
    packed[i * 3 + 1] = steps[i] ?? 0;
    packed[i * 3 + 2] = values[i] ?? 0;
  }
  return Buffer.from(packed.buffer);
}

export function decodePoints(packed: Buffer): Points {
  const size = packed.byteLength / POINT_BYTES;
  const bytes = new Uint8Array(packed.byteLength); // A copy, as a database's buffer need not begin at a multiple of 8.
  bytes.set(packed);
  const floats = new Float64Array(bytes.buffer);
  const points = pointsOf(size);
  for (let i = 0; i < size; i += 1) {
    points.timestampsMs[i] = floats[i * 3] ?? 0;
    points.steps[i] = floats[i * 3 + 1] ?? 0;
    points.values[i] = floats[i * 3 + 2] ?? 0;
  }
  return points;
}

export function sizeOf(packed: Buffer): number {
  return packed.byteLength / POINT_BYTES;
}

/** Packed points with more behind them; undefined when these do not all come later in time, and must be put in order. */
export function append(packed: Buffer, points: Points): Buffer | undefined {
  const firstMs = points.timestampsMs[0] ?? 0;
  if (packed.byteLength > 0 && packed.readDoubleLE(packed.byteLength - POINT_BYTES) >= firstMs)
    return undefined;
  const longer = Buffer.allocUnsafe(packed.byteLength + points.steps.length * POINT_BYTES);
  packed.copy(longer);
  let at = packed.byteLength;
  for (let i = 0; i < points.steps.length; i += 1) {
    longer.writeDoubleLE(points.timestampsMs[i] ?? 0, at);
    longer.writeDoubleLE(points.steps[i] ?? 0, at + 8);
    longer.writeDoubleLE(points.values[i] ?? 0, at + 16);
    at += POINT_BYTES;
  }
  return longer;
}
