import { useMemo } from "react";
import { runColours } from "../../lib/colours.ts";
import { formatNumber } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { listOf, useUrl } from "../../lib/url.ts";
import { Elapsed, Status } from "../../lib/words.tsx";
import { bestIndex, betterWay, compareValues } from "./differences.ts";
import { MetricCharts } from "./metric-charts.tsx";
import { type RunRow, useRunsById } from "./runs-api.ts";

const COMPARE_MAX = 20;

/** Two to twenty runs side by side: what differs, and how they went. */
export function CompareScreen() {
  const project = useProject();
  const [url, setUrl] = useUrl();
  const ids = useMemo(() => listOf(url.runs).slice(0, COMPARE_MAX), [url.runs]);
  const { runs, error, loading, retry } = useRunsById(project, ids);
  const colours = useMemo(() => runColours(ids), [ids]);
  const charted = useMemo(
    () => runs.map((run) => ({ id: run.id, name: run.name, colour: colours.get(run.id) ?? "" })),
    [runs, colours],
  );
  const metrics = useMemo(() => [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort(), [runs]);
  if (error) return <ErrorState error={error} onRetry={retry} />;
  if (loading) return <Skeleton rows={10} />;
  if (runs.length < 2)
    return (
      <EmptyState
        title="Pick at least two runs"
        action={
          <Link className="button" to={paths.runs(project)}>
            To the runs
          </Link>
        }
      >
        Select runs in the table and press C.
      </EmptyState>
    );
  const remove = (id: string) => setUrl({ runs: ids.filter((one) => one !== id).join(",") });
  return (
    <>
      <RoomHeader title={`Compare ${runs.length} runs`}>
        <Link className="button" to={paths.runs(project)}>
          All runs
        </Link>
      </RoomHeader>
      <Tabs
        tabs={[
          {
            id: "charts",
            title: "Charts",
            count: metrics.length,
            content: () => (
              <>
                <Legend runs={runs} colours={colours} project={project} onRemove={remove} />
                <MetricCharts project={project} runs={charted} metrics={metrics} />
              </>
            ),
          },
          {
            id: "differences",
            title: "Differences",
            content: () => <SideBySide project={project} runs={runs} colours={colours} />,
          },
        ]}
      />
    </>
  );
}

function Legend({
  runs,
  colours,
  project,
  onRemove,
}: {
  runs: readonly RunRow[];
  colours: ReadonlyMap<string, string>;
  project: string;
  onRemove: (id: string) => void;
}) {
  return (
    <ul aria-label="Runs" className="flex flex-wrap gap-2 px-4 pt-3">
      {runs.map((run) => (
        <li
          key={run.id}
          className="flex items-center gap-1.5 rounded-full border border-line py-0.5 pr-1 pl-2.5 text-xs"
        >
          <span className="size-2 rounded-full" style={{ background: colours.get(run.id) }} aria-hidden />
          <Link to={paths.run(project, run.id)} className="max-w-40 truncate hover:underline">
            {run.name}
          </Link>
          <button
            type="button"
            className="px-1 text-ink-3 hover:text-ink"
            aria-label={`Leave out ${run.name}`}
            onClick={() => onRemove(run.id)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

function SideBySide({
  project,
  runs,
  colours,
}: {
  project: string;
  runs: readonly RunRow[];
  colours: ReadonlyMap<string, string>;
}) {
  const [url, setUrl] = useUrl();
  const onlyDifferent = url.all !== "1";
  const params = compareValues(runs.map((run) => run.params)).filter(
    (line) => line.differs || !onlyDifferent,
  );
  const tags = compareValues(
    runs.map((run) =>
      Object.fromEntries(Object.entries(run.tags).filter(([name]) => !name.startsWith("mlflow."))),
    ),
  ).filter((line) => line.differs || !onlyDifferent);
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort();
  return (
    <div className="flex min-h-0 flex-col gap-3 p-4">
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="accent-(--accent)"
          checked={onlyDifferent}
          onChange={(event) => setUrl({ all: event.target.checked ? undefined : "1" })}
        />{" "}
        Only what differs
      </label>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
      <section className="card overflow-auto" aria-label="Side by side" tabIndex={0}>
        <table className="min-w-full">
          <thead>
            <tr className="border-line border-b">
              <th scope="col" className="sticky left-0 bg-surface px-3 py-2 text-left">
                <span className="sr-only">Name</span>
              </th>
              {runs.map((run) => (
                <th key={run.id} scope="col" className="min-w-36 px-3 py-2 text-left align-top font-medium">
                  <span className="flex items-center gap-1.5">
                    <span
                      className="size-2 shrink-0 rounded-full"
                      style={{ background: colours.get(run.id) }}
                      aria-hidden
                    />
                    <Link to={paths.run(project, run.id)} className="truncate hover:underline">
                      {run.name}
                    </Link>
                  </span>
                  <span className="mt-1 flex gap-2 font-normal text-ink-3 text-xs">
                    <Status status={run.status} />
                    <Elapsed from={run.startedMs} to={run.endedMs} />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <GroupRow title="Metrics" width={runs.length} />
            {metrics.map((name) => (
              <MetricRow key={name} name={name} runs={runs} />
            ))}
            <GroupRow title="Parameters" width={runs.length} />
            {params.length === 0 && (
              <NothingRow
                width={runs.length}
                words={onlyDifferent ? "All parameters are the same." : "None."}
              />
            )}
            {params.map((line) => (
              <TextRow key={line.name} {...line} />
            ))}
            {tags.length > 0 && <GroupRow title="Tags" width={runs.length} />}
            {tags.map((line) => (
              <TextRow key={line.name} {...line} />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

function GroupRow({ title, width }: { title: string; width: number }) {
  return (
    <tr className="border-line border-b bg-sunken">
      <th scope="colgroup" colSpan={width + 1} className="px-3 py-1 text-left font-medium text-ink-2 text-xs">
        {title}
      </th>
    </tr>
  );
}

function NothingRow({ width, words }: { width: number; words: string }) {
  return (
    <tr className="border-line border-b">
      <td colSpan={width + 1} className="px-3 py-1 text-ink-3">
        {words}
      </td>
    </tr>
  );
}

function MetricRow({ name, runs }: { name: string; runs: readonly RunRow[] }) {
  const values = runs.map((run) => run.metrics[name]);
  const best = bestIndex(name, values);
  const way = betterWay(name);
  return (
    <tr className="border-line border-b last:border-0">
      <th
        scope="row"
        className="sticky left-0 max-w-64 truncate bg-surface px-3 py-1 text-left font-normal text-ink-2"
        title={way ? `${name}: ${way === "up" ? "more" : "less"} is better` : name}
      >
        {name}
        {way && <span className="text-ink-3"> {way === "up" ? "↑" : "↓"}</span>}
      </th>
      {values.map((value, index) => (
        <td
          key={runs[index]?.id}
          className={`px-3 py-1 ${best === index ? "font-semibold text-good" : ""}`}
          title={value === undefined ? undefined : String(value)}
        >
          {value === undefined ? <span className="text-ink-3">–</span> : formatNumber(value)}
          {best === index && <span className="font-normal text-xs"> best</span>}
        </td>
      ))}
    </tr>
  );
}

function TextRow({
  name,
  values,
  differs,
}: {
  name: string;
  values: readonly (string | undefined)[];
  differs: boolean;
}) {
  return (
    <tr className="border-line border-b last:border-0">
      <th
        scope="row"
        className="sticky left-0 max-w-64 truncate bg-surface px-3 py-1 text-left font-normal text-ink-2"
        title={name}
      >
        {name}
      </th>
      {values.map((value, index) => (
        <td
          key={index}
          className={`max-w-64 truncate px-3 py-1 ${differs ? "" : "text-ink-3"}`}
          title={value}
        >
          {value ?? <span className="text-ink-3">–</span>}
        </td>
      ))}
    </tr>
  );
}
