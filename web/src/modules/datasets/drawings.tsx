import type { ColumnProfile, DatasetHistogram } from "@atrium/contract/datasets";
import { formatCount, formatShare, plural } from "../../lib/format.ts";
import { edgeText, edgeTitle, placeOf, plainText, shortValue } from "./value.ts";

const HEIGHT = 64;
const GAP = 0.08; // Of a bar's width, left free on either side.
const TOP_SHOWN_MAX = 6;

/** How often values fall where; a count is a height, so the axis begins at zero. */
export function HistogramDrawing({ name, histogram }: { name: string; histogram: DatasetHistogram }) {
  const { kind, edges, counts } = histogram;
  const highest = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <figure className="min-w-0">
      <svg
        role="img"
        aria-label={`Distribution of ${name}: ${plural(total, "value")} in ${plural(counts.length, "bar")}, at most ${formatCount(highest)} in one`}
        viewBox={`0 0 ${Math.max(1, counts.length)} ${HEIGHT}`}
        preserveAspectRatio="none"
        height={HEIGHT}
        className="block w-full border-line border-b"
      >
        {counts.map((count, index) => (
          <g key={edges[index]}>
            <title>{barTitle(histogram, index)}</title>
            <rect x={index} y={0} width={1} height={HEIGHT} fill="transparent" />
            <rect
              x={index + GAP}
              y={HEIGHT - (count / highest) * HEIGHT}
              width={1 - 2 * GAP}
              height={(count / highest) * HEIGHT}
              fill="var(--series-0)"
            />
          </g>
        ))}
      </svg>
      <EdgeLine kind={kind} edges={edges} />
    </figure>
  );
}

export function EdgeLine({ kind, edges }: Pick<DatasetHistogram, "kind" | "edges">) {
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  return (
    <figcaption className="nums flex justify-between gap-2 whitespace-nowrap text-ink-3 text-xs">
      <span title={edgeTitle(kind, first)}>{edgeText(kind, first)}</span>
      <span title={edgeTitle(kind, last)}>{edgeText(kind, last)}</span>
    </figcaption>
  );
}

function barTitle({ kind, edges, counts }: DatasetHistogram, index: number): string {
  const [from, to] = [edges[index] ?? 0, edges[index + 1] ?? 0];
  return `${edgeText(kind, from)} to ${edgeText(kind, to)}: ${plural(counts[index] ?? 0, "value")}`;
}

/** Half of all values in the box, nine of ten between the whiskers, the line in the middle. */
export function QuantileBox({
  name,
  quantiles,
  looks = "whole",
}: {
  name: string;
  quantiles: ColumnProfile["quantiles"];
  /** `middle` writes the middle alone: two dates more would not fit. */
  looks?: "whole" | "middle";
}) {
  const at = (q: number) => {
    const value = quantiles?.find((one) => one.q === q)?.value;
    return value === undefined ? undefined : placeOf(value);
  };
  const [low, first, middle, third, high] = [at(0.05), at(0.25), at(0.5), at(0.75), at(0.95)];
  const [least = low, most = high] = [at(0.01), at(0.99)];
  if (low === undefined || first === undefined || middle === undefined) return null;
  if (third === undefined || high === undefined || least === undefined || most === undefined) return null;
  const x = (value: number) => (most === least ? 50 : ((value - least) / (most - least)) * 100);
  const text = (q: number) => shortValue(quantiles?.find((one) => one.q === q)?.value);
  const words = `5 % below ${text(0.05)}, a quarter below ${text(0.25)}, half below ${text(0.5)}, three quarters below ${text(0.75)}, 95 % below ${text(0.95)}`;
  return (
    <figure className="min-w-0" title={words}>
      <svg
        role="img"
        aria-label={`${name}: ${words}`}
        width="100%"
        height={16}
        className="block overflow-visible"
      >
        <line
          x1={`${x(low)}%`}
          x2={`${x(high)}%`}
          y1={8}
          y2={8}
          stroke="var(--line-strong)"
          strokeWidth={1.5}
        />
        <rect
          x={`${x(first)}%`}
          y={2}
          width={`${Math.max(0.5, x(third) - x(first))}%`}
          height={12}
          rx={2}
          fill="var(--accent-soft)"
          stroke="var(--accent)"
        />
        <line
          x1={`${x(middle)}%`}
          x2={`${x(middle)}%`}
          y1={2}
          y2={14}
          stroke="var(--accent)"
          strokeWidth={2}
        />
      </svg>
      <figcaption className="nums flex justify-between gap-2 whitespace-nowrap text-ink-3 text-xs">
        {looks === "whole" && <span>1 % {text(0.01)}</span>}
        <span>half below {text(0.5)}</span>
        {looks === "whole" && <span>99 % {text(0.99)}</span>}
      </figcaption>
    </figure>
  );
}

/** How much of a column is there. */
export function NullsBar({ nulls, rowCount }: { nulls: number; rowCount: number }) {
  const share = rowCount === 0 ? 0 : nulls / rowCount;
  return (
    <span className="flex items-center gap-2" title={`${formatCount(nulls)} of ${plural(rowCount, "row")}`}>
      <span className="h-1.5 w-16 shrink-0 overflow-hidden rounded-full bg-hover" aria-hidden>
        <span
          className="block h-full bg-warn"
          style={{ width: `${nulls > 0 ? Math.max(2, share * 100) : 0}%` }}
        />
      </span>
      <span className="nums whitespace-nowrap text-xs">
        {nulls === 0 ? <span className="text-ink-3">no nulls</span> : `${formatShare(share)} null`}
      </span>
    </span>
  );
}

/** The most frequent values, each with its share drawn behind it. */
export function TopValues({ top, rowCount }: { top: NonNullable<ColumnProfile["top"]>; rowCount: number }) {
  if (rowCount > 1 && top[0]?.count === 1)
    return (
      <p className="min-w-0 truncate text-ink-2 text-xs">
        No value comes twice; {plainText(top[0].value)} is one.
      </p>
    );
  const highest = Math.max(1, ...top.map(({ count }) => count));
  return (
    <ul className="flex min-w-0 flex-col gap-0.5">
      {top.slice(0, TOP_SHOWN_MAX).map(({ value, count }) => (
        <li key={plainText(value)} className="relative flex items-baseline gap-2 px-1.5 text-xs">
          <span
            aria-hidden
            className="absolute inset-y-0 left-0 rounded-sm bg-accent-soft"
            style={{ width: `${(count / highest) * 100}%` }}
          />
          <span className="relative min-w-0 flex-1 truncate" title={plainText(value)}>
            {value === "" ? <span className="text-ink-2">empty text</span> : shortValue(value)}
          </span>
          <span className="nums relative whitespace-nowrap text-ink-2" title={plural(count, "row")}>
            {formatShare(count / Math.max(1, rowCount))}
          </span>
        </li>
      ))}
    </ul>
  );
}
