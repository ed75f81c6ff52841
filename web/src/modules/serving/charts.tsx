import type { Revision } from "@atrium/contract/serving";
import { useMemo } from "react";
import { LineChart } from "../../lib/chart/line-chart.tsx";
import { formatCount } from "../../lib/format.ts";
import { useStored } from "../../lib/stored.ts";
import { type Measure, QUANTILES, type Quantile, seriesOf } from "./series.ts";
import type { RangedStats } from "./serving-api.ts";

const WHY: Record<Revision["why"], string> = {
  deployed: "deployed",
  traffic: "traffic",
  "rolled-back": "rolled back",
};

interface Charted {
  ranged: RangedStats;
  revisions: readonly Revision[];
  onRange: (range: readonly [number, number] | undefined) => void;
}

/** Rate, latency and errors of each deployment on one crosshair, with a mark where the routing changed. */
export function Charts(props: Charted) {
  const [quantile, setQuantile] = useStored<Quantile>("serving-quantile", "p95");
  return (
    <section aria-label="Numbers">
      <div className="grid gap-3 lg:grid-cols-3">
        <Chart title="Predictions a second" measure="rate" quantile={quantile} {...props} />
        <Chart title="Latency, ms" measure="latency" quantile={quantile} {...props}>
          <select
            className="field !h-6 !w-auto !px-1 text-xs"
            aria-label="Quantile"
            value={quantile}
            onChange={(event) => setQuantile(event.target.value as Quantile)}
          >
            {QUANTILES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </Chart>
        <Chart title="Failed, %" measure="errors" quantile={quantile} {...props} />
      </div>
    </section>
  );
}

function Chart({
  title,
  measure,
  quantile,
  children,
  ranged,
  revisions,
  onRange,
}: Charted & { title: string; measure: Measure; quantile: Quantile; children?: React.ReactNode }) {
  const lines = useMemo(() => seriesOf(ranged, measure, quantile), [ranged, measure, quantile]);
  const marks = useMemo(
    () => ({
      moments: revisions.map(({ atMs, number, why }) => ({ at: atMs, label: `${number} ${WHY[why]}` })),
      // None of these can be less than nothing; a percent of failures fills the chart where there are none.
      reaches: measure === "errors" ? [0, 1] : [0],
    }),
    [revisions, measure],
  );
  const { fromMs, toMs } = ranged.range;
  const counted = ranged.stats.total.reduce((sum, { predictions }) => sum + predictions, 0);
  return (
    <figure className="card min-w-0 p-3">
      <figcaption className="mb-1 flex h-6 items-center gap-2">
        <span className="font-medium">{title}</span>
        {children}
        <span className="nums ml-auto whitespace-nowrap text-ink-3 text-xs">n = {formatCount(counted)}</span>
      </figcaption>
      {lines.length === 0 ? (
        <p className="flex h-44 items-center justify-center text-ink-3">No predictions in this time.</p>
      ) : (
        <LineChart
          title={title}
          lines={lines}
          marks={marks}
          xTitle=""
          xKind="time"
          range={[fromMs, toMs]}
          onRange={onRange}
          sync="serving"
          height={176}
        />
      )}
    </figure>
  );
}
