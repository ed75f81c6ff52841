import type { Monitor } from "@atrium/contract/monitoring";
import { useMemo, useState } from "react";
import { EmptyState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { PeekedColumn } from "./column-peek.tsx";
import { DriftCard } from "./drift-card.tsx";
import { DISTANCES, metricWords } from "./metric-words.ts";
import { useWindow } from "./monitoring-api.ts";
import { useChosenWindow, useSegment } from "./use-chosen-window.ts";
import { SegmentChoice, WindowChoice } from "./window-choice.tsx";
import { rankColumns } from "./worst.ts";

const CARDS_A_STEP = 12; // Each card reads its own series: a screenful at first, more when asked for.

/** How far each feature is from the reference, a small chart each, the worst first; a click on a window opens it. */
export function Drift({ project, monitor }: { project: string; monitor: Monitor }) {
  const [url, setUrl] = useUrl();
  const windows = useChosenWindow(project, monitor);
  const [segment, setSegment] = useSegment(monitor);
  const [shown, setShown] = useState(CARDS_A_STEP);
  const metric = DISTANCES.find((name) => name === url.metric) ?? "psi";
  const { chosen } = windows;
  const { data } = useWindow({ project, monitor: monitor.id }, chosen?.startMs);
  const ranked = useMemo(
    () => (data ? rankColumns(monitor.columns, data.results, { segment, metric }) : undefined),
    [monitor.columns, data, segment, metric],
  );
  if (windows.isPending) return <Skeleton rows={8} />;
  if (!chosen) return <NoWindows monitor={monitor} />;
  const found = ranked?.filter(({ name }) => name.toLowerCase().includes((url.find ?? "").toLowerCase()));
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <select
          className="field !w-auto"
          aria-label="Distance"
          title={metricWords(metric).words}
          value={metric}
          onChange={(event) =>
            setUrl({ metric: event.target.value === "psi" ? undefined : event.target.value })
          }
        >
          {DISTANCES.map((name) => (
            <option key={name} value={name}>
              {metricWords(name).title}
            </option>
          ))}
        </select>
        <SegmentChoice monitor={monitor} segment={segment} onSegment={setSegment} />
        <WindowChoice monitor={monitor} of={windows} />
        {monitor.columns.length > CARDS_A_STEP && (
          <input
            type="search"
            className="field ml-auto max-w-48"
            aria-label="Find a feature"
            placeholder="Find a feature"
            value={url.find ?? ""}
            onChange={(event) => setUrl({ find: event.target.value || undefined })}
          />
        )}
      </div>
      <p className="text-ink-3 text-xs">
        {metricWords(metric).words}. Worst first in the chosen window; a click on a chart chooses another.
        Dashed: where a rule alarms; dotted: what mere noise stays under. Hatched: fewer than{" "}
        {monitor.rowsMin} rows, which say nothing.
      </p>
      {!found && <Skeleton rows={8} />}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,300px),1fr))] gap-3">
        {found?.slice(0, shown).map((column) => (
          <DriftCard
            key={column.name}
            at={{ project, segment, metric }}
            monitor={monitor}
            column={column}
            window={chosen}
            onOpen={(startMs) =>
              setUrl({ peek: column.name, ...(startMs === undefined ? {} : { window: String(startMs) }) })
            }
          />
        ))}
      </ul>
      {found && found.length > shown && (
        <button type="button" className="button self-center" onClick={() => setShown(shown + CARDS_A_STEP)}>
          {found.length - shown} more
        </button>
      )}
      <PeekedColumn project={project} monitor={monitor} windows={windows} segment={segment} />
    </div>
  );
}

export function NoWindows({ monitor }: { monitor: Monitor }) {
  return (
    <EmptyState title="No window is complete yet" drawing="chart">
      {monitor.problem ??
        "A window is computed when it has ended and its rows have had time to come in; the first one appears here by itself."}
    </EmptyState>
  );
}
