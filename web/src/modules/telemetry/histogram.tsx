import type { LogLevel } from "@atrium/contract/telemetry";
import { useRef, useState } from "react";
import { formatCount, formatTime } from "../../lib/format.ts";

export interface HistogramBucket {
  atMs: number;
  counts: Partial<Record<LogLevel, number | undefined>>;
}

// From the bottom up: what is worst stands on top, where it is seen.
const LEVELS: [LogLevel, string][] = [
  ["debug", "var(--line-strong)"],
  ["info", "var(--queued)"],
  ["warn", "var(--warn)"],
  ["error", "var(--bad)"],
];
const HEIGHT = 72;

/** Lines over time, stacked by level. A drag chooses a range. */
export function Histogram({
  buckets,
  stepMs,
  onRange,
}: {
  buckets: readonly HistogramBucket[];
  stepMs: number;
  onRange: (fromMs: number, toMs: number) => void;
}) {
  const place = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<[number, number] | undefined>();
  const totals = buckets.map((bucket) =>
    LEVELS.reduce((sum, [level]) => sum + (bucket.counts[level] ?? 0), 0),
  );
  const highest = Math.max(1, ...totals);
  const all = totals.reduce((a, b) => a + b, 0);
  const indexAt = (clientX: number) => {
    const box = place.current?.getBoundingClientRect();
    if (!box) return 0;
    return Math.max(
      0,
      Math.min(buckets.length - 1, Math.floor(((clientX - box.left) / box.width) * buckets.length)),
    );
  };
  const choose = () => {
    if (drag) {
      const [a, b] = [...drag].sort((x, y) => x - y);
      const from = buckets[a ?? 0];
      const to = buckets[b ?? 0];
      if (from && to) onRange(from.atMs, to.atMs + stepMs);
    }
    setDrag(undefined);
  };
  const [dragFrom, dragTo] = drag ? [...drag].sort((x, y) => x - y) : [];
  return (
    <figure className="px-4 pb-2">
      <svg
        ref={place}
        role="img"
        aria-label={`${formatCount(all)} lines; at most ${formatCount(highest)} in one bar`}
        viewBox={`0 0 ${Math.max(1, buckets.length)} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="w-full cursor-crosshair touch-none"
        height={HEIGHT}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([indexAt(event.clientX), indexAt(event.clientX)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], indexAt(event.clientX)])}
        onPointerUp={choose}
      >
        {dragFrom !== undefined && dragTo !== undefined && (
          <rect x={dragFrom} y={0} width={dragTo - dragFrom + 1} height={HEIGHT} fill="var(--accent-soft)" />
        )}
        {buckets.map((bucket, index) => {
          let top = HEIGHT;
          return (
            <g key={bucket.atMs}>
              <title>{`${formatTime(bucket.atMs)}: ${formatCount(totals[index] ?? 0)} lines`}</title>
              <rect x={index} y={0} width={1} height={HEIGHT} fill="transparent" />
              {LEVELS.map(([level, colour]) => {
                const height = ((bucket.counts[level] ?? 0) / highest) * HEIGHT;
                top -= height;
                return height > 0 ? (
                  <rect key={level} x={index + 0.08} y={top} width={0.84} height={height} fill={colour} />
                ) : null;
              })}
            </g>
          );
        })}
      </svg>
      <figcaption className="flex justify-between whitespace-nowrap text-ink-3 text-xs">
        <span>{buckets[0] ? shortTime(buckets[0].atMs) : ""}</span>
        <span className="nums">n = {formatCount(all)}</span>
        <span>{buckets.length > 0 ? shortTime((buckets.at(-1)?.atMs ?? 0) + stepMs) : ""}</span>
      </figcaption>
    </figure>
  );
}

function shortTime(atMs: number): string {
  return new Date(atMs).toLocaleString(undefined, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}
