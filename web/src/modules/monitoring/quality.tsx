import type { Monitor, MonitorMetric, WindowResult } from "@atrium/contract/monitoring";
import { useMemo, useState } from "react";
import { Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { PeekedColumn } from "./column-peek.tsx";
import { NoWindows } from "./drift.tsx";
import { isBeyond } from "./drift-card.tsx";
import { metricText, metricWords } from "./metric-words.ts";
import { useSeries, useWindow } from "./monitoring-api.ts";
import { Sparkline } from "./sparkline.tsx";
import { useChosenWindow, useSegment } from "./use-chosen-window.ts";
import { SegmentChoice, WindowChoice } from "./window-choice.tsx";

const SHARES: readonly MonitorMetric[] = ["nullShare", "outOfRangeShare", "unseenShare", "typeErrorShare"];
const ROWS_A_STEP = 20; // Each row reads its own series.

/** What is missing, out of range, unseen or of the wrong type, a line a feature, the worst first. */
export function Quality({ project, monitor }: { project: string; monitor: Monitor }) {
  const [, setUrl] = useUrl();
  const windows = useChosenWindow(project, monitor);
  const [segment, setSegment] = useSegment(monitor);
  const [shown, setShown] = useState(ROWS_A_STEP);
  const { data } = useWindow({ project, monitor: monitor.id }, windows.chosen?.startMs);
  const sorted = useMemo(() => {
    const results = data?.results.filter((one) => one.segment === segment) ?? [];
    const worst = ({ name }: { name: string }) => worstShare(results.find((one) => one.column === name));
    return [...monitor.columns].sort((a, b) => worst(b) - worst(a));
  }, [monitor.columns, data, segment]);
  if (windows.isPending) return <Skeleton rows={8} />;
  if (!windows.chosen) return <NoWindows monitor={monitor} />;
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <SegmentChoice monitor={monitor} segment={segment} onSegment={setSegment} />
        <WindowChoice monitor={monitor} of={windows} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
      <section className="card overflow-x-auto" aria-label="Data quality" tabIndex={0}>
        <table className="w-full min-w-[44rem]">
          <thead>
            <tr className="border-line border-b text-left text-ink-3 text-xs">
              <th scope="col" className="px-3 py-2 font-medium">
                Feature
              </th>
              {SHARES.map((metric) => (
                <th
                  key={metric}
                  scope="col"
                  className="px-3 py-2 font-medium"
                  title={metricWords(metric).words}
                >
                  {metricWords(metric).title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map(({ name }) => (
              <QualityRow
                key={name}
                at={{ project, segment, column: name }}
                monitor={monitor}
                result={data?.results.find((one) => one.segment === segment && one.column === name)}
                onOpen={() => setUrl({ peek: name })}
              />
            ))}
          </tbody>
        </table>
      </section>
      {sorted.length > shown && (
        <button type="button" className="button self-center" onClick={() => setShown(shown + ROWS_A_STEP)}>
          {sorted.length - shown} more
        </button>
      )}
      <PeekedColumn project={project} monitor={monitor} windows={windows} segment={segment} />
    </div>
  );
}

function worstShare(result: WindowResult | undefined): number {
  return Math.max(0, ...SHARES.map((metric) => result?.values[metric] ?? 0));
}

function QualityRow({
  at: { project, segment, column },
  monitor,
  result,
  onOpen,
}: {
  at: { project: string; segment: string; column: string };
  monitor: Monitor;
  result: WindowResult | undefined;
  onOpen: () => void;
}) {
  const { data } = useSeries({ project, monitor: monitor.id }, { segment, column });
  return (
    <tr className="border-line border-b last:border-0">
      <th scope="row" className="max-w-56 px-3 py-2 text-left font-normal">
        <button
          type="button"
          className="max-w-full truncate font-medium hover:underline"
          title={column}
          onClick={onOpen}
        >
          {column}
        </button>
      </th>
      {SHARES.map((metric) => {
        const value = result?.values[metric];
        const isEver = data?.points.some(({ values }) => values[metric] !== undefined);
        const line = data?.thresholds.find((one) => one.metric === metric);
        const broken = line && isBeyond(line, value);
        return (
          <td key={metric} className="px-3 py-2">
            {data && !isEver ? (
              <span className="text-ink-3">–</span>
            ) : (
              <span className="flex items-center gap-2">
                <Sparkline
                  metric={metric}
                  points={data?.points ?? []}
                  threshold={line?.threshold}
                  label={column}
                />
                <span
                  className={`nums w-14 shrink-0 text-right ${broken ? "font-medium text-bad" : value ? "" : "text-ink-3"}`}
                >
                  {metricText(metric, value)}
                </span>
              </span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
