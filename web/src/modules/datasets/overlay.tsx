import type { ColumnProfile, DatasetComparison, DatasetHistogram } from "@atrium/contract/datasets";
import { formatDelta, formatNumber, formatShare } from "../../lib/format.ts";
import { EdgeLine } from "./drawings.tsx";
import { plainText, shortValue } from "./value.ts";

const WIDTH = 320;
const HEIGHT = 72;
const TOP_SHOWN_MAX = 6;
const COLOURS = { from: "var(--series-1)", to: "var(--series-0)" };
const WORDS = { added: "came", removed: "went", changed: "changed", same: "" } as const;

type Column = DatasetComparison["columns"][number];
interface Rows {
  from: number;
  to: number;
}

/** One column as it was and as it is, drawn over one another as shares, since versions differ in length. */
export function ColumnOverlay({
  column: { name, change, from, to },
  distance,
  rows,
}: {
  column: Column;
  /** From 0 to 1, how far its values moved. */
  distance: number;
  rows: Rows;
}) {
  const either = to ?? from;
  const isText = either?.histogram?.kind === "lengths" || !either?.histogram;
  const type = from && to && from.type !== to.type ? `${from.type} → ${to.type}` : (either?.type ?? "");
  return (
    <li className="card flex min-w-0 flex-col gap-2 p-3">
      <header className="flex items-baseline gap-2">
        <h2 className="min-w-0 truncate" title={name}>
          {name}
        </h2>
        <code className="min-w-0 flex-1 truncate text-ink-3">{type}</code>
        {change !== "same" && (
          <span className="rounded bg-warn-soft px-1.5 font-medium text-warn text-xs">{WORDS[change]}</span>
        )}
        {from && to && !(isAllDistinct(from) && isAllDistinct(to)) && (
          <span
            className="nums whitespace-nowrap text-ink-2 text-xs"
            title="The widest gap between the two distributions"
          >
            moved {formatShare(distance)}
          </span>
        )}
      </header>
      {isText ? (
        <TopOverlay from={from} to={to} rows={rows} />
      ) : (
        <Histograms name={name} from={from?.histogram} to={to?.histogram} />
      )}
      <dl className="nums grid grid-cols-[max-content_1fr_1fr_1fr] gap-x-3 text-xs">
        <Line name="null" from={share(from, rows.from)} to={share(to, rows.to)} unit=" %" />
        <Line name="distinct" from={from?.distinct} to={to?.distinct} />
        <Line name="mean" from={from?.mean} to={to?.mean} />
        <Line name="std" from={from?.std} to={to?.std} />
      </dl>
    </li>
  );
}

function share(profile: ColumnProfile | undefined, rowCount: number): number | undefined {
  return profile && Number(((profile.nulls / Math.max(1, rowCount)) * 100).toFixed(2));
}

function Line({
  name,
  from,
  to,
  unit = "",
}: {
  name: string;
  from: number | undefined;
  to: number | undefined;
  unit?: string;
}) {
  if (from === undefined && to === undefined) return null;
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="text-right">{from === undefined ? "–" : formatNumber(from) + unit}</dd>
      <dd className="text-right">{to === undefined ? "–" : formatNumber(to) + unit}</dd>
      <dd className="text-right text-ink-2">
        {from === undefined || to === undefined || from === to ? "" : formatDelta(to - from)}
      </dd>
    </>
  );
}

function Histograms({
  name,
  from,
  to,
}: {
  name: string;
  from: DatasetHistogram | undefined;
  to: DatasetHistogram | undefined;
}) {
  const both = [from, to].filter((one) => one !== undefined);
  const low = Math.min(...both.map(({ edges }) => edges[0] ?? 0));
  const high = Math.max(...both.map(({ edges }) => edges.at(-1) ?? 0));
  const highest = Math.max(...both.flatMap(densities), Number.MIN_VALUE);
  const scale = { low, width: Math.max(high - low, Number.MIN_VALUE), highest };
  return (
    <figure className="min-w-0">
      <svg
        role="img"
        aria-label={`Distributions of ${name} in both versions, as shares of their values`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        height={HEIGHT}
        className="block w-full border-line border-b"
      >
        {(["from", "to"] as const).map((side) => {
          const histogram = side === "from" ? from : to;
          return (
            histogram && (
              <path
                key={side}
                d={outline(histogram, scale)}
                fill={COLOURS[side]}
                fillOpacity={0.22}
                stroke={COLOURS[side]}
                strokeWidth={1.5}
                vectorEffect="non-scaling-stroke"
              />
            )
          );
        })}
      </svg>
      <EdgeLine kind={(to ?? from)?.kind ?? "numbers"} edges={[low, high]} />
    </figure>
  );
}

/** Share of all values per unit of width, so that bars of unlike widths compare. */
function densities({ edges, counts }: DatasetHistogram): number[] {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return counts.map((count, index) => {
    const width = (edges[index + 1] ?? 0) - (edges[index] ?? 0);
    return count / total / (width > 0 ? width : 1);
  });
}

function outline(
  histogram: DatasetHistogram,
  scale: { low: number; width: number; highest: number },
): string {
  const x = (edge: number) => (((edge - scale.low) / scale.width) * WIDTH).toFixed(2);
  const heights = densities(histogram).map((value) =>
    (HEIGHT - (value / scale.highest) * (HEIGHT - 2)).toFixed(2),
  );
  const first = histogram.edges[0] ?? 0;
  const steps = heights.map(
    (y, index) => `V${y}H${x(histogram.edges[index + 1] ?? histogram.edges[index] ?? first)}`,
  );
  return `M${x(first)} ${HEIGHT}${steps.join("")}V${HEIGHT}Z`;
}

/** The most frequent value of a key is there once, and says nothing of how keys are spread. */
function isAllDistinct({ top, histogram }: ColumnProfile): boolean {
  return (!histogram || histogram.kind === "lengths") && top?.[0]?.count === 1;
}

/** The most frequent values of both, one bar over the other. */
function TopOverlay({
  from,
  to,
  rows,
}: {
  from: ColumnProfile | undefined;
  to: ColumnProfile | undefined;
  rows: Rows;
}) {
  if ([from, to].every((side) => !side || isAllDistinct(side)))
    return <p className="text-ink-2 text-xs">No value comes twice.</p>;
  const shareOf = (profile: ColumnProfile | undefined, text: string, all: number) =>
    (profile?.top?.find(({ value }) => plainText(value) === text)?.count ?? 0) / Math.max(1, all);
  const values = new Map(
    [...(to?.top ?? []), ...(from?.top ?? [])].map(({ value }) => [plainText(value), value]),
  );
  const lines = [...values]
    .map(([text, value]) => ({
      text,
      value,
      from: shareOf(from, text, rows.from),
      to: shareOf(to, text, rows.to),
    }))
    .sort((a, b) => Math.max(b.from, b.to) - Math.max(a.from, a.to))
    .slice(0, TOP_SHOWN_MAX);
  const highest = Math.max(...lines.flatMap((line) => [line.from, line.to]), Number.MIN_VALUE);
  return (
    <ul className="flex flex-col gap-1">
      {lines.map((line) => (
        <li key={line.text} className="grid grid-cols-[minmax(0,1fr)_2fr] items-center gap-2 text-xs">
          <span className="truncate" title={line.text}>
            {shortValue(line.value)}
          </span>
          <span
            className="flex flex-col gap-px"
            title={`${formatNumber(line.from * 100)} % before, ${formatNumber(line.to * 100)} % after`}
          >
            {(["from", "to"] as const).map((side) => (
              <span
                key={side}
                className="block h-1.5 rounded-sm"
                style={{ width: `${(line[side] / highest) * 100}%`, background: COLOURS[side] }}
              />
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}
