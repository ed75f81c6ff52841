const EVERY_MS = 15_000;
/** No sample lies on a whole second, so none lies on the edge of a range: there versions 2 and 3 differ. */
const SHIFT_MS = 1234;
const COUNT = 80;

export const BOUNDS = [0.1, 0.5, 1];

export interface Series {
  labels: Record<string, string>;
  points: [atMs: number, value: number][];
}

/** A histogram's counts of each bucket alone, the last one without a bound. */
export interface Histogram {
  labels: Record<string, string>;
  points: { atMs: number; counts: number[]; sum: number }[];
}

export interface Samples {
  counters: Series[];
  gauges: Series[];
  histograms: Histogram[];
}

/** The same samples for everyone, beginning at a moment: a reset, a gap, negative and odd numbers among them. */
export function samplesFrom(baseMs: number): Samples {
  const places = Array.from({ length: COUNT }, (_, i) => i);
  const at = (i: number): number => baseMs + i * EVERY_MS + SHIFT_MS;
  const series = (labels: Record<string, string>, value: (i: number) => number | undefined): Series => ({
    labels,
    points: places.flatMap((i): [number, number][] => {
      const now = value(i);
      return now === undefined ? [] : [[at(i), now]];
    }),
  });
  const counter = (host: string, code: string, value: (i: number) => number) =>
    series({ __name__: "requests_total", host, code }, value);
  const histogram = (host: string, grow: (i: number) => number[]): Histogram => {
    const counts = BOUNDS.map(() => 0).concat(0);
    return {
      labels: { __name__: "took_seconds", host },
      points: places.map((i) => {
        for (const [bucket, more] of grow(i).entries()) counts[bucket] = (counts[bucket] ?? 0) + more;
        return { atMs: at(i), counts: [...counts], sum: i * 1.5 };
      }),
    };
  };
  return {
    counters: [
      counter("a", "200", (i) => 3 * (i < 40 ? i : i - 40) + (i % 4)),
      counter("a", "500", (i) => Math.floor(i / 10)),
      counter("b", "200", (i) => 10 * i * i),
    ],
    gauges: [
      series({ __name__: "temperature", room: "kitchen" }, (i) => Math.sin(i / 5) * 20),
      series({ __name__: "temperature", room: "cellar" }, (i) => (i % 40 < 8 ? i / 10 - 5.5 : undefined)),
      series({ __name__: "capacity", host: "a" }, () => 50),
      series({ __name__: "capacity", host: "b" }, () => 0),
      series({ __name__: "odd", kind: "nan" }, () => Number.NaN),
      series({ __name__: "odd", kind: "inf" }, () => Number.POSITIVE_INFINITY),
      series({ __name__: "odd", kind: "tiny" }, () => 1.5e-9),
    ],
    histograms: [
      histogram("a", (i) => [1, 2, i % 3, i % 10 === 0 ? 1 : 0]),
      histogram("b", () => [0, 0, 5, 1]),
    ],
  };
}

/** All series as Prometheus keeps them. */
export function asSeries({ counters, gauges, histograms }: Samples): Series[] {
  return [...counters, ...gauges, ...histograms.flatMap(bucketsOf)];
}

function bucketsOf({ labels, points }: Histogram): Series[] {
  const { __name__: name = "", ...rest } = labels;
  const buckets = [
    ...BOUNDS.map((bound) => (Number.isInteger(bound) ? `${bound}.0` : String(bound))),
    "+Inf",
  ];
  const below = (counts: readonly number[], last: number): number =>
    counts.slice(0, last + 1).reduce((sum, count) => sum + count, 0);
  return [
    ...buckets.map((le, i) => ({
      labels: { __name__: `${name}_bucket`, ...rest, le },
      points: points.map(({ atMs, counts }): [number, number] => [atMs, below(counts, i)]),
    })),
    {
      labels: { __name__: `${name}_count`, ...rest },
      points: points.map(({ atMs, counts }): [number, number] => [atMs, below(counts, BOUNDS.length)]),
    },
    {
      labels: { __name__: `${name}_sum`, ...rest },
      points: points.map(({ atMs, sum }): [number, number] => [atMs, sum]),
    },
  ];
}
