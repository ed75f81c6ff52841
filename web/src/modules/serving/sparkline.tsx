import type { EndpointSummary } from "@atrium/contract/serving";
import { formatCount, plural } from "../../lib/format.ts";
import { LIST_SPAN_MS } from "./serving-api.ts";

const HEIGHT = 20;

/** The last hour in bars from zero; the part of each that failed is red. */
export function Sparkline({
  of,
  nowMs,
  stepMs,
}: {
  of: EndpointSummary | undefined;
  nowMs: number;
  stepMs: number;
}) {
  if (of === undefined) return <span className="text-ink-3">–</span>;
  const fromMs = nowMs - LIST_SPAN_MS;
  const highest = Math.max(1, ...of.buckets.map(({ predictions }) => predictions));
  const words = `${plural(of.predictions, "prediction")} in the last hour, ${formatCount(of.errors)} failed`;
  return (
    <svg
      role="img"
      aria-label={words}
      viewBox={`0 0 ${LIST_SPAN_MS} ${HEIGHT}`}
      preserveAspectRatio="none"
      height={HEIGHT}
      className="block w-full border-line border-b"
    >
      <title>{words}</title>
      {of.buckets
        .filter(({ atMs }) => atMs + stepMs > fromMs)
        .map(({ atMs, predictions, errors }) => {
          const height = Math.max(1, (predictions / highest) * HEIGHT);
          const failed = predictions === 0 ? 0 : (errors / predictions) * height;
          const bar = { x: atMs - fromMs, width: stepMs * 0.8 };
          return (
            <g key={atMs}>
              <rect {...bar} y={HEIGHT - height} height={height} fill="var(--series-0)" />
              {failed > 0 && <rect {...bar} y={HEIGHT - failed} height={failed} fill="var(--bad)" />}
            </g>
          );
        })}
    </svg>
  );
}
