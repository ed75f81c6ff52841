import type { Job } from "@atrium/contract/compute";
import { formatBytes, formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { JobStatus } from "./job-status.tsx";
import { originOf } from "./origin.ts";

const MIB = 1024 * 1024;

/** Columns of the list of jobs. */
export function jobColumns(project: string): Column<Job>[] {
  return [...stateColumns(project), ...originColumns(project)];
}

/** Which job, how it stands and since when. */
function stateColumns(project: string): Column<Job>[] {
  return [
    {
      id: "name",
      title: "Job",
      width: 240,
      fixed: "first",
      text: (job) => job.name,
      cell: (job) => (
        <Link to={paths.job(project, job.id)} className="font-medium hover:underline">
          {job.name}
        </Link>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 120,
      usual: "shown",
      text: (job) => job.state,
      cell: (job) => <JobStatus state={job.state} />,
    },
    {
      id: "took",
      title: "Took",
      width: 90,
      usual: "shown",
      align: "end",
      text: (job) => (job.startedMs !== null && job.endedMs !== null ? job.endedMs - job.startedMs : null),
      cell: (job) => <Elapsed from={job.startedMs} to={job.endedMs} />,
    },
    {
      id: "queued",
      title: "Submitted",
      width: 110,
      usual: "shown",
      text: (job) => formatTime(job.queuedMs),
      cell: (job) => <Ago at={job.queuedMs} />,
    },
  ];
}

/** What a job takes, who sent it, for what, and what it runs. */
function originColumns(project: string): Column<Job>[] {
  return [
    {
      id: "room",
      title: "Room",
      width: 130,
      usual: "shown",
      align: "end",
      text: (job) => `${job.cores} cores, ${job.memoryMiB} MiB`,
      cell: (job) => (
        <span className="nums">
          {job.cores} × {formatBytes(job.memoryMiB * MIB)}
        </span>
      ),
    },
    {
      id: "by",
      title: "By",
      width: 130,
      usual: "shown",
      text: (job) => job.submittedBy,
      cell: (job) => job.submittedBy,
    },
    {
      id: "for",
      title: "For",
      width: 140,
      usual: "shown",
      text: (job) => job.origin?.type ?? "",
      cell: (job) => <Origin project={project} job={job} />,
    },
    {
      id: "command",
      title: "Command",
      width: 320,
      usual: "shown",
      text: (job) => job.command.join(" "),
      cell: (job) => <code title={job.command.join(" ")}>{job.command.join(" ")}</code>,
    },
    {
      id: "attempt",
      title: "Attempts",
      width: 80,
      align: "end",
      text: (job) => job.attempt,
      cell: (job) => <span className="nums">{job.attempt}</span>,
    },
  ];
}

function Origin({ project, job }: { project: string; job: Job }) {
  const origin = originOf(project, job);
  if (!origin) return <span className="text-ink-3">–</span>;
  if (!origin.to) return <span>{origin.words}</span>;
  return (
    <Link to={origin.to} className="hover:underline">
      {origin.words}
    </Link>
  );
}
