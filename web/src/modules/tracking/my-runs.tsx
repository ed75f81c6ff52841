import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago, Status } from "../../lib/words.tsx";
import { useMyRuns } from "./runs-api.ts";

const SHOWN_MAX = 8;

/** What the reader logged last. */
export function MyRuns({ project }: { project: string }) {
  const { person } = useSession();
  const runs = useMyRuns(project, person);
  return (
    <section className="card min-w-0">
      <h2 className="border-line border-b px-3 py-2">Recent by me</h2>
      {runs?.length === 0 && <p className="p-3 text-ink-3">You have logged no run in this project.</p>}
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
            <span className="text-ink-3">
              <Ago at={run.startedMs} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
