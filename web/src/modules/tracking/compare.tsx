import { useMemo, useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { runColours } from "../../lib/colours.ts";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { OnlyDifferent, SideBySide } from "../../lib/side-by-side.tsx";
import { EmptyState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { listOf, useUrl } from "../../lib/url.ts";
import { Elapsed, Status } from "../../lib/words.tsx";
import { COMPARE_MAX, COMPARE_MIN } from "./compare-limits.ts";
import { MetricCharts } from "./metric-charts.tsx";
import { differenceGroups } from "./run-differences.tsx";
import { type RunRow, useRunsById } from "./runs-api.ts";
import { compareCode } from "./same-as-code.ts";

/** Two to twenty runs side by side: what differs, and how they went. */
export function CompareScreen() {
  const project = useProject();
  const [url, setUrl] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const ids = useMemo(() => listOf(url.runs).slice(0, COMPARE_MAX), [url.runs]);
  const { runs, failures, loading, retry } = useRunsById(project, ids);
  const colours = useMemo(() => runColours(ids), [ids]);
  const charted = useMemo(
    () => runs.map((run) => ({ id: run.id, name: run.name, colour: colours.get(run.id) ?? "" })),
    [runs, colours],
  );
  const metrics = useMemo(() => [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort(), [runs]);
  if (loading) return <Skeleton rows={10} />;
  const remove = (id: string) => setUrl({ runs: ids.filter((one) => one !== id).join(",") });
  return (
    <>
      <RoomHeader title={runs.length < COMPARE_MIN ? "Compare runs" : `Compare ${runs.length} runs`}>
        <Link className="button" to={paths.runs(project)}>
          All runs
        </Link>
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      {failures.length > 0 && (
        <p
          role="alert"
          className="mx-4 mb-2 flex flex-wrap items-center gap-3 rounded-md bg-bad-soft px-3 py-1.5"
        >
          {failures[0]?.error.message}
          {failures.length > 1 && ` And ${failures.length - 1} more could not be read.`}
          <button type="button" className="button ml-auto" onClick={retry}>
            Try again
          </button>
          <button
            type="button"
            className="button"
            onClick={() =>
              setUrl({ runs: ids.filter((id) => !failures.some((one) => one.id === id)).join(",") })
            }
          >
            Leave out
          </button>
        </p>
      )}
      {runs.length < COMPARE_MIN ? (
        <EmptyState title="Pick at least two runs">Select runs in the table and press C.</EmptyState>
      ) : (
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
              content: () => <Differences project={project} runs={runs} colours={colours} />,
            },
          ]}
        />
      )}
      {code === "shown" && <CodeDialog code={compareCode(project, ids)} onClose={() => setCode("hidden")} />}
    </>
  );
}

interface Shown {
  project: string;
  runs: readonly RunRow[];
  colours: ReadonlyMap<string, string>;
}

function Legend({ runs, colours, project, onRemove }: Shown & { onRemove: (id: string) => void }) {
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

function Differences({ project, runs, colours }: Shown) {
  const [url, setUrl] = useUrl();
  const shown = url.all === "1" ? "all" : "only";
  return (
    <div className="flex min-h-0 flex-col gap-3 p-4">
      <OnlyDifferent
        checked={shown}
        onChange={(value) => setUrl({ all: value === "all" ? "1" : undefined })}
      />
      <SideBySide
        heads={runs.map((run) => ({
          id: run.id,
          content: (
            <>
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
            </>
          ),
        }))}
        groups={differenceGroups(runs, shown)}
      />
    </div>
  );
}
