import type { JobDetails } from "@atrium/contract/compute";
import { formatDuration } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useNow } from "../../lib/words.tsx";
import { JobStatus } from "./job-status.tsx";

const COLOURS: Record<string, string> = {
  succeeded: "var(--good)",
  failed: "var(--bad)",
  cancelled: "var(--warn)",
  running: "var(--running)",
};

/** The time from submission to the end as one line an attempt: waited and prepared pale, ran in the colour of its state. */
export function AttemptTimeline({ project, job }: { project: string; job: JobDetails }) {
  const now = useNow();
  const from = job.queuedMs;
  const to = job.endedMs ?? now;
  const span = Math.max(1, to - from);
  const share = (ms: number) => `${Math.max(0, Math.min(100, ((ms - from) / span) * 100))}%`;
  if (job.attempts.length === 0) return <p className="text-ink-3">It waits for its turn.</p>;
  return (
    <ol className="flex flex-col gap-3">
      {job.attempts.map((one) => {
        const ended = one.endedMs ?? now;
        const began = one.startedMs ?? ended;
        return (
          <li key={one.number} className="flex flex-col gap-1">
            <div className="flex flex-wrap items-baseline gap-x-3">
              <Link
                to={`${paths.job(project, job.id)}?tab=log&attempt=${one.number}`}
                className="font-medium hover:underline"
              >
                Attempt {one.number}
              </Link>
              <JobStatus state={one.state} />
              <span className="nums text-ink-2">{formatDuration(ended - began)}</span>
              <span className="ml-auto text-ink-3 text-xs">
                {one.exitCode !== null && `exit ${one.exitCode}, `}on {one.worker}
              </span>
            </div>
            <svg className="h-2 w-full overflow-visible" aria-hidden="true">
              <rect x="0" y="3" width="100%" height="2" fill="var(--line)" />
              <Bar from={share(one.begunMs)} to={share(began)} colour="var(--line-strong)" />
              <Bar from={share(began)} to={share(ended)} colour={COLOURS[one.state] ?? "var(--queued)"} />
            </svg>
            {one.reason && <p className="break-words text-bad text-xs">{one.reason}</p>}
          </li>
        );
      })}
    </ol>
  );
}

const NARROWEST_PERCENT = 0.5; // A bar of an instant must be seen, too.

function Bar({ from, to, colour }: { from: string; to: string; colour: string }) {
  const width = Math.max(NARROWEST_PERCENT, Number.parseFloat(to) - Number.parseFloat(from));
  return <rect x={from} y="0" width={`${width}%`} height="8" rx="2" fill={colour} />;
}
