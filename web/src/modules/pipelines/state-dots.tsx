import type { PipelineRun, PipelineRunState } from "@atrium/contract/pipelines";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";

const SHOWN_MAX = 10;
const COLOURS: Record<PipelineRunState, string> = {
  running: "var(--running)",
  cancelling: "var(--running)",
  succeeded: "var(--good)",
  failed: "var(--bad)",
  cancelled: "var(--warn)",
};

/** The last runs as small bars, the oldest left, each a link to its run. */
export function StateDots({ project, runs }: { project: string; runs: readonly PipelineRun[] }) {
  if (runs.length === 0) return <span className="text-ink-3">none</span>;
  return (
    <span className="flex items-center gap-1">
      {runs
        .slice(0, SHOWN_MAX)
        .toReversed()
        .map((run) => (
          <Link
            key={run.id}
            to={paths.pipelineRun(project, run.id)}
            aria-label={`${run.name}, ${run.state}`}
            title={`${run.name}, ${run.state}`}
            className={`block h-4 w-2 rounded-xs hover:opacity-70 ${run.state === "running" ? "breathe" : ""}`}
            style={{ background: COLOURS[run.state] }}
          />
        ))}
    </span>
  );
}
