import type { Distribution } from "@atrium/contract/monitoring";
import { formatCount, formatNumber, formatShare } from "../../lib/format.ts";

type Bin = Distribution["bins"][number];
interface Bar {
  from: number;
  to: number;
  reference: number;
  window: number;
}

const WIDTH = 480;
const HEIGHT = 140;
const SIDES = [
  { side: "reference", colour: "var(--series-1)", words: "Reference" },
  { side: "window", colour: "var(--series-0)", words: "This window" },
] as const;

/** A column's values in a window over those of the reference: numbers as two outlines, categories as pairs of bars. */
export function DistributionDrawing({ distribution }: { distribution: Distribution }) {
  const { bins, kind, referenceRows, windowRows } = distribution;
  const bars = kind === "number" ? barsOf(distribution) : [];
  const rest =
    kind === "number" ? bins.filter((bin) => !isBounded(bin) && isThere(bin)) : bins.filter(isThere);
  return (
    <section aria-label="Distribution" className="flex flex-col gap-2">
      <p className="flex flex-wrap gap-x-4 text-xs">
        {SIDES.map(({ side, colour, words }) => (
          <span key={side} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-sm" style={{ background: colour }} />
            {words}
            <span className="nums text-ink-3">
              n = {formatCount(side === "reference" ? referenceRows : windowRows)}
            </span>
          </span>
        ))}
      </p>
      {bars.length > 0 && <Outlines name={distribution.column} bars={bars} />}
      {rest.length > 0 && <Pairs bins={rest} of={{ reference: referenceRows, window: windowRows }} />}
    </section>
  );
}

function isBounded({ kind, from, to }: Bin): boolean {
  return kind === "range" && from !== undefined && to !== undefined && to > from;
}

function isThere({ referenceRows, windowRows }: Bin): boolean {
  return referenceRows > 0 || windowRows > 0;
}

/** Share of the rows per unit of width, so that bins of unlike widths compare. */
function barsOf({ bins, referenceRows, windowRows }: Distribution): Bar[] {
  return bins.filter(isBounded).map(({ from = 0, to = 0, ...bin }) => ({
    from,
    to,
    reference: bin.referenceRows / Math.max(1, referenceRows) / (to - from),
    window: bin.windowRows / Math.max(1, windowRows) / (to - from),
  }));
}

function Outlines({ name, bars }: { name: string; bars: readonly Bar[] }) {
  const low = bars[0]?.from ?? 0;
  const high = bars.at(-1)?.to ?? 1;
  const highest = Math.max(...bars.flatMap((bar) => [bar.reference, bar.window]), Number.MIN_VALUE);
  const x = (value: number) => (((value - low) / (high - low)) * WIDTH).toFixed(2);
  const y = (value: number) => (HEIGHT - (value / highest) * (HEIGHT - 2)).toFixed(2);
  return (
    <figure className="min-w-0">
      <svg
        role="img"
        aria-label={`Distributions of ${name}: reference and window as shares of their rows, from ${formatNumber(low)} to ${formatNumber(high)}`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        height={HEIGHT}
        className="block w-full border-line border-b"
      >
        {SIDES.map(({ side, colour }) => (
          <path
            key={side}
            d={`M${x(low)} ${HEIGHT}${bars.map((bar) => `V${y(bar[side])}H${x(bar.to)}`).join("")}V${HEIGHT}Z`}
            fill={colour}
            fillOpacity={0.22}
            stroke={colour}
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <figcaption className="nums flex justify-between text-ink-3 text-xs">
        <span>{formatNumber(low)}</span>
        <span>{formatNumber(high)}</span>
      </figcaption>
    </figure>
  );
}

/** Categories, and of numbers what lies in no bin: below, above, missing, no number. */
function Pairs({ bins, of }: { bins: readonly Bin[]; of: { reference: number; window: number } }) {
  const lines = bins.map((bin) => ({
    label: wordsOf(bin),
    isOurs: bin.kind !== "category" && bin.kind !== "range",
    reference: bin.referenceRows / Math.max(1, of.reference),
    window: bin.windowRows / Math.max(1, of.window),
  }));
  const highest = Math.max(...lines.flatMap((line) => [line.reference, line.window]), Number.MIN_VALUE);
  return (
    <ul className="flex flex-col gap-1.5">
      {lines.map((line) => (
        <li
          key={line.label}
          className="grid grid-cols-[minmax(0,7rem)_minmax(0,1fr)_6.5rem] items-center gap-2 text-xs"
        >
          <span className={`truncate ${line.isOurs ? "text-ink-3" : ""}`} title={line.label}>
            {line.label}
          </span>
          <span className="flex flex-col gap-px" aria-hidden>
            {SIDES.map(({ side, colour }) => (
              <span
                key={side}
                className="block h-2 rounded-sm"
                style={{ width: `${(line[side] / highest) * 100}%`, background: colour }}
              />
            ))}
          </span>
          <span className="nums whitespace-nowrap text-right" title="Reference, then this window">
            <span className="text-ink-3">{formatShare(line.reference)} →</span> {formatShare(line.window)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function wordsOf({ kind, label, from, to }: Bin): string {
  if (kind !== "range") return kind === "category" ? label : kind;
  if (from === undefined && to !== undefined) return `below ${formatNumber(to)}`;
  if (to === undefined && from !== undefined) return `above ${formatNumber(from)}`;
  return label;
}
