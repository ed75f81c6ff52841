import type { PipelineStep } from "@atrium/contract/pipelines";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo } from "react";
import { formatDuration, plural } from "../../lib/format.ts";
import { useNow } from "../../lib/words.tsx";
import { type GraphLayout, layOutGraph, type PlacedBox } from "./graph-layout.ts";
import { StepStatus } from "./step-status.tsx";
import { holdsOthers, kindWord, STEP_LOOKS } from "./step-words.ts";

/** A step in the graph: of a run with its state, of a version without. */
export type DrawnStep = Pick<PipelineStep, "path" | "name" | "kind" | "parent" | "after" | "condition"> &
  Partial<Pick<PipelineStep, "state" | "startedMs" | "endedMs" | "reason">>;

/** Steps as boxes, what waits right of what it waits for; groups, loops and iterations are boxes that fold. */
export function StepGraph({
  steps,
  folded,
  onFold,
  chosen,
  onChoose,
}: {
  steps: readonly DrawnStep[];
  folded: ReadonlySet<string>;
  onFold: (path: string) => void;
  chosen?: string | undefined;
  onChoose: (path: string) => void;
}) {
  const layout = useMemo(() => layOutGraph(steps, folded), [steps, folded]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide graph scrolls, so the keyboard must reach it.
    <div className="min-h-0 flex-1 overflow-auto p-4" tabIndex={0} role="group" aria-label="Graph of steps">
      <div className="relative" style={{ width: layout.width, height: layout.height }}>
        {layout.boxes.map((box) => (
          <Box
            key={box.step.path}
            box={box}
            chosen={box.step.path === chosen ? "chosen" : "other"}
            onFold={onFold}
            onChoose={onChoose}
          />
        ))}
        <Arrows layout={layout} />
      </div>
      <ul className="sr-only">
        {layout.arrows.map(({ from, to }) => (
          <li key={`${from} ${to}`}>
            {to} waits for {from}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Arrows({ layout }: { layout: GraphLayout<DrawnStep> }) {
  const byPath = new Map(layout.boxes.map((box) => [box.step.path, box]));
  return (
    <svg
      width={layout.width}
      height={layout.height}
      className="pointer-events-none absolute inset-0 text-line-strong"
      aria-hidden="true"
    >
      {layout.arrows.map(({ from, to }) => {
        const [start, end] = [byPath.get(from), byPath.get(to)];
        if (!start || !end) return null;
        return <path key={`${from} ${to}`} d={arrowPath(start, end)} fill="none" stroke="currentColor" />;
      })}
    </svg>
  );
}

// Where an arrow meets a tall box: at the height of its heading, not in the middle of what it holds.
const HEADING_MIDDLE = 22;

function arrowPath(start: PlacedBox<DrawnStep>, end: PlacedBox<DrawnStep>): string {
  const [x1, y1] = [start.left + start.width, start.top + HEADING_MIDDLE];
  const [x2, y2] = [end.left, end.top + HEADING_MIDDLE];
  const edge = Math.min(x2, Math.max(x1, start.columnRight));
  const bend = Math.max(16, (x2 - edge) / 2);
  return `M${x1} ${y1}H${edge}C${edge + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}m-6 -4l6 4l-6 4`;
}

function Box({
  box,
  chosen,
  onFold,
  onChoose,
}: {
  box: PlacedBox<DrawnStep>;
  chosen: "chosen" | "other";
  onFold: (path: string) => void;
  onChoose: (path: string) => void;
}) {
  const { step, look, left, top, width, height } = box;
  const colour = step.state ? STEP_LOOKS[step.state].colour : "var(--line-strong)";
  const faded = step.state === "skipped" ? "opacity-70" : "";
  const Arrow = look === "folded" ? ChevronRight : ChevronDown;
  return (
    <div
      className={`absolute rounded-md border ${look === "open" ? "border-dashed bg-sunken" : "bg-surface"} ${chosen === "chosen" ? "border-accent ring-1 ring-accent" : "border-line"} ${faded}`}
      style={{ left, top, width, height, borderLeft: `3px solid ${colour}` }}
      title={step.reason ?? step.condition ?? step.path}
    >
      <div className={`flex items-center gap-1 pr-1 ${look === "open" ? "h-9" : "h-full"}`}>
        <button
          type="button"
          className="flex h-full min-w-0 flex-1 flex-col justify-center rounded px-2 text-left hover:bg-hover"
          aria-pressed={chosen === "chosen"}
          onClick={() => onChoose(step.path)}
        >
          <span className="w-full truncate font-medium leading-4">{step.name}</span>
          {look !== "open" && (
            <span className="flex w-full items-center gap-2 truncate text-ink-3 text-xs">
              <BoxWords step={step} />
              {look === "folded" && <span>{box.children} inside</span>}
            </span>
          )}
        </button>
        {look === "open" && (
          <span className="text-xs">
            <BoxWords step={step} />
          </span>
        )}
        {look !== "leaf" && (
          <button
            type="button"
            className="button-plain rounded p-1 text-ink-3 hover:bg-hover hover:text-ink"
            aria-label={
              look === "folded" ? `Show ${plural(box.children, "step")} of ${step.name}` : `Fold ${step.name}`
            }
            aria-expanded={look === "open"}
            onClick={() => onFold(step.path)}
          >
            <Arrow size={14} />
          </button>
        )}
      </div>
    </div>
  );
}

function BoxWords({ step }: { step: DrawnStep }) {
  const now = useNow();
  if (!step.state) return <span className="text-ink-3">{step.condition ? "if" : kindWord(step.kind)}</span>;
  const took = step.startedMs === undefined ? undefined : (step.endedMs ?? now) - step.startedMs;
  return (
    <span className="flex items-center gap-2">
      <StepStatus state={step.state} />
      {took !== undefined && !holdsOthers(step.kind) && (
        <span className="nums text-ink-3">{formatDuration(took)}</span>
      )}
    </span>
  );
}
