import type { MetricBuckets } from "@atrium/contract/tracking";
import { Num } from "../../lib/words.tsx";
import type { ChartedRun } from "./metric-chart.tsx";

/** A metric that each run logged once: a bar a run from zero, in the run's colour, with the number beside it. */
export function SingleValues({
  runs,
  series,
}: {
  runs: readonly ChartedRun[];
  series: readonly MetricBuckets[];
}) {
  const values = runs.flatMap((run) => {
    const one = series.find((each) => each.runId === run.id);
    return one && one.count.length > 0 ? [{ run, value: one.last[0] ?? null }] : [];
  });
  const largest = Math.max(0, ...values.map(({ value }) => Math.abs(value ?? 0)));
  return (
    <ul className="flex max-h-[220px] flex-col gap-1 overflow-auto py-1">
      {values.map(({ run, value }) => (
        <li key={run.id} className="flex items-center gap-2">
          <span className="w-28 shrink-0 truncate text-ink-2" title={run.name}>
            {run.name}
          </span>
          <span className="h-2 min-w-0 flex-1 rounded-sm bg-hover" aria-hidden>
            {value !== null && largest > 0 && (
              <span
                className="block h-full rounded-sm"
                style={{ width: `${(Math.abs(value) / largest) * 100}%`, background: run.colour }}
              />
            )}
          </span>
          <span className="w-20 shrink-0 text-right">
            {value === null ? <span className="text-ink-3">not finite</span> : <Num value={value} />}
          </span>
        </li>
      ))}
    </ul>
  );
}
