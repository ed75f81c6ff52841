import type { ReactNode } from "react";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago, Elapsed, Status } from "../../lib/words.tsx";
import { type RunRow, useMyRuns, useRunningRuns } from "./runs-api.ts";

const SHOWN_MAX = 8;

export function RunningList({ project }: { project: string }) {
  const runs = useRunningRuns(project);
  return (
    <RunList
      title="Running now"
      project={project}
      runs={runs}
      nothing="Nothing is running."
      aside={(run) => <Elapsed from={run.startedMs} to={undefined} />}
    />
  );
}

export function MyRuns({ project }: { project: string }) {
  const { person } = useSession();
  const runs = useMyRuns(project, person);
  return (
    <RunList
      title="Recent by me"
      project={project}
      runs={runs}
      nothing="You have logged no run in this project."
      aside={(run) => <Ago at={run.startedMs} />}
    />
  );
}

function RunList({
  title,
  project,
  runs,
  nothing,
  aside,
}: {
  title: string;
  project: string;
  runs: readonly RunRow[] | undefined;
  nothing: string;
  aside: (run: RunRow) => ReactNode;
}) {
  return (
    <section className="card min-w-0">
      <h2 className="border-line border-b px-3 py-2">{title}</h2>
      {runs?.length === 0 && <p className="p-3 text-ink-3">{nothing}</p>}
      <ul>
        {runs?.slice(0, SHOWN_MAX).map((run) => (
          <li key={run.id} className="flex h-9 items-center gap-3 border-line border-b px-3 last:border-0">
            <Status status={run.status} />
            <Link
              to={paths.run(project, run.id)}
              className="min-w-0 flex-1 truncate font-medium hover:underline"
            >
              {run.name}
            </Link>
            <span className="text-ink-3">{aside(run)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
