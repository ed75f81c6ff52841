import type { PipelineRun, PipelineStep } from "@atrium/contract/pipelines";
import { formatDuration, formatTime } from "../../lib/format.ts";
import { useNow } from "../../lib/words.tsx";
import { STEP_LOOKS } from "./step-words.ts";
import { timelineRows } from "./timeline-rows.ts";

const TICKS = 4;
const INDENT_PX = 12;
const NARROWEST_PERCENT = 0.4; // A step of an instant must be seen, too.

/** Steps over time, in the order in which they began: what ran at once, what was waited for, what took long. */
export function Timeline({
  run,
  steps,
  chosen,
  onChoose,
}: {
  run: PipelineRun;
  steps: readonly PipelineStep[];
  chosen: string | undefined;
  onChoose: (path: string) => void;
}) {
  const now = useNow();
  const from = run.createdMs;
  const to = Math.max(run.endedMs ?? now, from + 1, ...steps.map((step) => step.endedMs ?? 0));
  const share = (ms: number) => Math.max(0, Math.min(100, ((ms - from) / (to - from)) * 100));
  return (
    <div
      className="min-h-0 flex-1 overflow-auto px-4 pb-4"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long timeline scrolls, so the keyboard must reach it.
      tabIndex={0}
      role="group"
      aria-label="Timeline of steps"
    >
      <div className="sticky top-0 z-10 flex border-line border-b bg-canvas py-2 text-ink-3 text-xs">
        <span className="w-32 shrink-0 sm:w-56">Step</span>
        <span className="nums flex flex-1 justify-between pr-16" aria-hidden>
          {Array.from({ length: TICKS + 1 }, (_, at) => (
            <span key={at} className={at > 0 && at < TICKS ? "max-sm:hidden" : ""}>
              {at === 0 ? "0" : formatDuration(((to - from) * at) / TICKS)}
            </span>
          ))}
        </span>
      </div>
      <ol>
        {timelineRows(steps).map(({ step, depth }) => {
          const began = step.startedMs;
          const ended = step.endedMs ?? (began === undefined ? undefined : now);
          const { word, colour } = STEP_LOOKS[step.state];
          const took = began !== undefined && ended !== undefined ? formatDuration(ended - began) : "";
          return (
            <li key={step.path}>
              <button
                type="button"
                className={`flex h-7 w-full items-center rounded text-left ${step.path === chosen ? "bg-accent-soft" : "hover:bg-hover"}`}
                aria-pressed={step.path === chosen}
                title={`${step.path}: ${word}${began === undefined ? "" : `, from ${formatTime(began)}`}`}
                onClick={() => onChoose(step.path)}
              >
                <span
                  className="w-32 shrink-0 truncate pr-2 sm:w-56"
                  style={{ paddingLeft: depth * INDENT_PX }}
                >
                  {step.name}
                </span>
                <svg className="h-3 min-w-0 flex-1" aria-hidden="true">
                  <rect x="0" y="5.5" width="100%" height="1" fill="var(--line)" />
                  {began !== undefined && ended !== undefined && (
                    <rect
                      x={`${Math.min(100 - NARROWEST_PERCENT, share(began))}%`}
                      y="1"
                      width={`${Math.max(NARROWEST_PERCENT, share(ended) - share(began))}%`}
                      height="10"
                      rx="2"
                      fill={colour}
                    />
                  )}
                </svg>
                <span className="nums w-16 shrink-0 truncate pl-2 text-right text-ink-2 text-xs">
                  {took || word}
                  <span className="sr-only"> {word}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
