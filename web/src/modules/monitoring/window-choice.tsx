import type { Monitor } from "@atrium/contract/monitoring";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useShortcuts } from "../../lib/keys.ts";
import { Insufficient } from "./health.tsx";
import { type ChosenWindow, segmentNames } from "./use-chosen-window.ts";
import { windowWords } from "./window-words.ts";

/** Which window is looked at; the arrows walk through time. */
export function WindowChoice({
  monitor,
  of,
  keys = "some",
}: {
  monitor: Monitor;
  of: ChosenWindow;
  /** Whether `[` and `]` walk; where two such choices stand, one of them has the keys. */
  keys?: "some" | "none";
}) {
  const { windows, chosen, choose } = of;
  const at = chosen ? windows.indexOf(chosen) : -1;
  const [before, after] = [windows[at + 1], at > 0 ? windows[at - 1] : undefined];
  const walk = (to: typeof chosen) => () => {
    if (to) choose(to.startMs);
  };
  useShortcuts(
    keys === "some"
      ? [
          { keys: "[", does: "Window before", where: "Monitors", run: walk(before) },
          { keys: "]", does: "Window after", where: "Monitors", run: walk(after) },
        ]
      : [],
  );
  if (!chosen) return null;
  return (
    <div className="flex flex-wrap items-center gap-1">
      <button
        type="button"
        className="button button-icon"
        aria-label="Window before"
        disabled={!before}
        onClick={walk(before)}
      >
        <ChevronLeft size={14} />
      </button>
      <select
        className="field !w-auto"
        aria-label="Window"
        value={chosen.startMs}
        onChange={(event) => choose(Number(event.target.value))}
      >
        {windows.map((window) => (
          <option key={window.startMs} value={window.startMs}>
            {windowWords(window)}
            {window.insufficient ? ", insufficient" : ""}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="button button-icon"
        aria-label="Window after"
        disabled={!after}
        onClick={walk(after)}
      >
        <ChevronRight size={14} />
      </button>
      <span className="nums ml-2 text-ink-3">
        {chosen.insufficient ? (
          <Insufficient rows={chosen.rows} rowsMin={monitor.rowsMin} />
        ) : (
          `n = ${chosen.rows}`
        )}
      </span>
    </div>
  );
}

/** Which part of the rows is looked at. */
export function SegmentChoice({
  monitor,
  segment,
  onSegment,
}: {
  monitor: Monitor;
  segment: string;
  onSegment: (name: string) => void;
}) {
  const names = segmentNames(monitor);
  if (names.length === 1) return null;
  return (
    <select
      className="field !w-auto"
      aria-label="Segment"
      value={segment}
      onChange={(event) => onSegment(event.target.value)}
    >
      {names.map((name) => (
        <option key={name} value={name}>
          {name === "all" ? "All rows" : name}
        </option>
      ))}
    </select>
  );
}
