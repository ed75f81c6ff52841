import type { Monitor, MonitorMetric, SeriesPoint, WindowResult } from "@atrium/contract/monitoring";
import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { queryKey } from "../../lib/api.ts";
import { LineChart } from "../../lib/chart/line-chart.tsx";
import type { Line } from "../../lib/chart/lines.ts";
import { seriesColour } from "../../lib/colours.ts";
import { SideBySide, type SideGroup } from "../../lib/side-by-side.tsx";
import { EmptyState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { NoWindows } from "./drift.tsx";
import { Insufficient } from "./health.tsx";
import { metricText, metricWords } from "./metric-words.ts";
import { readSeries, useWindow } from "./monitoring-api.ts";
import { segmentNames, useChosenWindow } from "./use-chosen-window.ts";
import { WindowChoice } from "./window-choice.tsx";
import { windowWords } from "./window-words.ts";

interface Answered {
  points: readonly SeriesPoint[];
}
const NONE: readonly SeriesPoint[] = [];

const TRAFFIC: readonly MonitorMetric[] = [
  "rows",
  "errorShare",
  "defaultedShare",
  "latencyP50Ms",
  "latencyP95Ms",
];
const PERFORMANCE: readonly MonitorMetric[] = [
  "labelCoverage",
  "accuracy",
  "precision",
  "recall",
  "f1",
  "rocAuc",
  "mae",
  "rmse",
  "bias",
];

/** Known and new entities, and the monitor's own parts, side by side in one window and over time. */
export function Segments({ project, monitor }: { project: string; monitor: Monitor }) {
  const windows = useChosenWindow(project, monitor);
  const { data } = useWindow({ project, monitor: monitor.id }, windows.chosen?.startMs);
  const names = useMemo(() => segmentNames(monitor), [monitor]);
  if (names.length === 1)
    return (
      <EmptyState title="All rows are one segment">
        A segment is the rows whose column has one of some values. Name some when you make a monitor; one of
        an endpoint also has its known and new entities.
      </EmptyState>
    );
  if (windows.isPending) return <Skeleton rows={8} />;
  if (!windows.chosen) return <NoWindows monitor={monitor} />;
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <WindowChoice monitor={monitor} of={windows} />
      </div>
      <OverTime project={project} monitor={monitor} names={names} />
      {data ? (
        <SideBySide
          heads={names.map((name) => ({ id: name, content: name === "all" ? "All rows" : name }))}
          groups={groupsOf(monitor, data.results, names)}
        />
      ) : (
        <Skeleton rows={8} />
      )}
    </div>
  );
}

function groupsOf(monitor: Monitor, results: readonly WindowResult[], names: readonly string[]): SideGroup[] {
  const find = (segment: string, column?: string) =>
    results.find((one) => one.segment === segment && one.column === column);
  const whole = (metrics: readonly MonitorMetric[]) =>
    metrics
      .filter((metric) => names.some((name) => find(name)?.values[metric] !== undefined))
      .map((metric) => ({
        name: metricWords(metric).title,
        hint: metricWords(metric).words,
        cells: names.map((name) => <Cell key={name} metric={metric} result={find(name)} monitor={monitor} />),
      }));
  return [
    { title: "Traffic", lines: whole(TRAFFIC) },
    { title: "Performance, of what has a label", lines: whole(PERFORMANCE) },
    {
      title: "PSI",
      lines: monitor.columns.map(({ name: column }) => ({
        name: column,
        cells: names.map((name) => (
          <Cell key={name} metric="psi" result={find(name, column)} monitor={monitor} />
        )),
      })),
    },
  ];
}

function Cell({
  metric,
  result,
  monitor,
}: {
  metric: MonitorMetric;
  result: WindowResult | undefined;
  monitor: Monitor;
}) {
  const value = result?.values[metric];
  if (value === undefined && (result?.insufficient ?? false))
    return <Insufficient rows={result?.rows ?? 0} rowsMin={monitor.rowsMin} />;
  return <span className="nums">{metricText(metric, value)}</span>;
}

/** One metric of every segment in one chart, a colour each. */
function OverTime({
  project,
  monitor,
  names,
}: {
  project: string;
  monitor: Monitor;
  names: readonly string[];
}) {
  const [url, setUrl] = useUrl();
  const series = useSegmentSeries(project, monitor, names);
  const first = series[0]?.points ?? [];
  const offered = ([...TRAFFIC, ...PERFORMANCE] as const).filter((metric) =>
    series.some(({ points }) => points.some(({ values }) => values[metric] !== undefined)),
  );
  const metric = offered.find((name) => name === url.metric) ?? offered[0] ?? "rows";
  const lines = useMemo<Line[]>(
    () =>
      series.map(({ name, points }, index) => ({
        id: name,
        label: name === "all" ? "all rows" : name,
        colour: seriesColour(index),
        x: points.map(({ startMs, endMs }) => (startMs + endMs) / 2),
        y: points.map(({ values }) => values[metric] ?? null),
      })),
    [series, metric],
  );
  const marks = useMemo(() => ({ reaches: [0] }), []);
  return (
    <section className="card min-w-0 p-3">
      <header className="mb-1 flex items-center gap-2">
        <h2 className="mr-auto">Over time</h2>
        <select
          className="field !h-7 !w-auto"
          aria-label="Metric"
          value={metric}
          onChange={(event) => setUrl({ metric: event.target.value })}
        >
          {offered.map((name) => (
            <option key={name} value={name}>
              {metricWords(name).title}
            </option>
          ))}
        </select>
      </header>
      <LineChart
        title={metricWords(metric).title}
        lines={lines}
        xTitle=""
        xKind="time"
        points="dots"
        marks={marks}
        yText={(value) => metricText(metric, value)}
        note={(x) => {
          const point = first.find(({ startMs, endMs }) => x >= startMs && x < endMs);
          return { title: point ? windowWords(point) : "" };
        }}
        height={200}
      />
    </section>
  );
}

function useSegmentSeries(project: string, monitor: Monitor, names: readonly string[]) {
  // The same function gives the same answer while nothing changes, so that the chart is not drawn for nothing.
  const combine = useCallback(
    (answers: readonly { data: Answered | undefined }[]) =>
      answers.map(({ data }, index) => ({ name: names[index] ?? "", points: data?.points ?? NONE })),
    [names],
  );
  return useQueries({
    queries: names.map((segment) => {
      const input = { project, params: { monitor: monitor.id }, query: { segment } };
      return {
        queryKey: queryKey(readSeries, input),
        queryFn: ({ signal }: { signal: AbortSignal }) => readSeries(input, signal),
      };
    }),
    combine,
  });
}
