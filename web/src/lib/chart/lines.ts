/** One line of a chart. `low` and `high` are there when its points stand for buckets of more than one value. */
export interface Line {
  id: string;
  label: string;
  /** CSS colour; a variable is resolved when drawn, so that themes apply. */
  colour: string;
  x: readonly number[];
  y: readonly (number | null)[];
  low?: readonly (number | null)[];
  high?: readonly (number | null)[];
  /** `faint` is beside the point: dashed, without dots, label and note. */
  looks?: "faint";
}

/** Points of one metric as the server buckets them, column by column. A bucket of one point has min = max = last. */
export interface Buckets {
  x: readonly number[];
  last: readonly (number | null)[];
  min: readonly (number | null)[];
  max: readonly (number | null)[];
  count: readonly number[];
}

/** The last value of each bucket is the line, as it is the newest truth; least and greatest become the band. */
export function lineOf(buckets: Buckets, named: Pick<Line, "id" | "label" | "colour">): Line {
  const crowded = buckets.count.some((count) => count > 1);
  const line: Line = { ...named, x: buckets.x, y: buckets.last.map(finite) };
  return crowded ? { ...line, low: buckets.min.map(finite), high: buckets.max.map(finite) } : line;
}

/**
 * Exponential moving average without the pull towards zero at the start (as in TensorBoard). `weight` in [0, 1): 0 leaves
 * the line as it is. Gaps stay gaps and do not count as zero.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values];
  let average = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return average / mass;
  });
}

/** What cannot stand on a logarithmic axis becomes a gap. */
export function positiveOnly(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => (value !== null && value > 0 ? value : null));
}

/** Places labels without overlap, in order of height, each as near to its line as it can be. Pixels from the top. */
export function spreadLabels(
  wanted: readonly number[],
  height: number,
  within: { top: number; bottom: number },
): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = new Array<number>(wanted.length).fill(0);
  let free = within.top;
  for (const index of order) {
    placed[index] = Math.max(free, wanted[index] ?? 0);
    free = (placed[index] ?? 0) + height;
  }
  let limit = within.bottom;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, limit);
    limit = (placed[index] ?? 0) - height;
  }
  return placed;
}

/** A sentence for those who cannot see the picture. */
export function describe(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const ends = lines.slice(0, 10).map((line) => {
    const last = line.y.findLast((value) => value !== null);
    return `${line.label} ends at ${last === null || last === undefined ? "nothing" : format(last)}`;
  });
  return `${title}: ${lines.length === 1 ? "one line" : `${lines.length} lines`}. ${ends.join("; ")}.`;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
