import type { PipelineRun, StepState } from "@atrium/contract/pipelines";
import { formatDuration, formatTime, plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, useNow } from "../../lib/words.tsx";
import { RunStatus } from "./step-status.tsx";
import { STEP_LOOKS } from "./step-words.ts";

/** Columns of a list of pipeline runs. `longestMs` is what a whole bar of duration stands for. */
export function runColumns(project: string, longestMs: number): Column<PipelineRun>[] {
  return [
    {
      id: "name",
      title: "Run",
      width: 260,
      fixed: "first",
      text: (run) => run.name,
      cell: (run) => (
        <Link to={paths.pipelineRun(project, run.id)} className="font-medium hover:underline">
          {run.name}
        </Link>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 120,
      usual: "shown",
      text: (run) => run.state,
      cell: (run) => <RunStatus state={run.state} />,
    },
    {
      id: "steps",
      title: "Steps",
      width: 140,
      usual: "shown",
      text: (run) => stepWords(run),
      cell: (run) => <StepBar run={run} />,
    },
    {
      id: "took",
      title: "Took",
      width: 170,
      usual: "shown",
      text: (run) => (run.endedMs === undefined ? null : run.endedMs - run.createdMs),
      cell: (run) => <DurationBar run={run} longestMs={longestMs} />,
    },
    {
      id: "pipeline",
      title: "Pipeline",
      width: 160,
      usual: "shown",
      text: (run) => run.pipelineName,
      cell: (run) =>
        run.pipelineId ? (
          <Link to={paths.pipeline(project, run.pipelineId)} className="hover:underline">
            {run.pipelineName}
          </Link>
        ) : (
          run.pipelineName
        ),
    },
    {
      id: "by",
      title: "Started by",
      width: 130,
      usual: "shown",
      text: (run) => run.startedBy,
      cell: (run) => run.startedBy,
    },
    {
      id: "when",
      title: "Started",
      width: 110,
      usual: "shown",
      text: (run) => formatTime(run.createdMs),
      cell: (run) => <Ago at={run.createdMs} />,
    },
    {
      id: "reason",
      title: "Reason",
      width: 260,
      text: (run) => run.reason,
      cell: (run) => <span title={run.reason}>{run.reason}</span>,
    },
  ];
}

function DurationBar({ run, longestMs }: { run: PipelineRun; longestMs: number }) {
  const now = useNow();
  const tookMs = (run.endedMs ?? Math.max(now, run.createdMs)) - run.createdMs;
  const share = Math.min(1, tookMs / Math.max(1, longestMs));
  return (
    <span className="flex items-center gap-2">
      <span className="block h-1.5 flex-1 overflow-hidden rounded-full bg-hover max-sm:hidden" aria-hidden>
        <span className="block h-full bg-accent" style={{ width: `${Math.max(2, share * 100)}%` }} />
      </span>
      <span className="nums w-16 text-right">{formatDuration(tookMs)}</span>
    </span>
  );
}

/** How the steps of a run stand, as shares of one bar in the colours of their states. */
function StepBar({ run }: { run: PipelineRun }) {
  const parts = Object.entries(run.steps) as [StepState, number][];
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <span className="flex items-center gap-2" title={stepWords(run)}>
      <span className="flex h-1.5 flex-1 gap-px overflow-hidden rounded-full bg-hover" aria-hidden>
        {parts.map(([state, count]) => (
          <span
            key={state}
            className="block h-full"
            style={{ width: `${(count / Math.max(1, all)) * 100}%`, background: STEP_LOOKS[state].colour }}
          />
        ))}
      </span>
      <span className="nums text-ink-2">{all}</span>
      <span className="sr-only">{stepWords(run)}</span>
    </span>
  );
}

function stepWords(run: PipelineRun): string {
  const parts = Object.entries(run.steps) as [StepState, number][];
  if (parts.length === 0) return plural(0, "step");
  return parts.map(([state, count]) => `${count} ${STEP_LOOKS[state].word.toLowerCase()}`).join(", ");
}
