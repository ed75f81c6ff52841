import { LoaderCircle } from "lucide-react";
import { Link } from "../../lib/link.tsx";
import { Popover } from "../../lib/menu.tsx";
import { paths } from "../../lib/paths.ts";
import { Elapsed } from "../../lib/words.tsx";
import { useRunningRuns } from "./runs-api.ts";

/** What is running now: a count that opens a list. */
export function RunningNow({ project }: { project: string }) {
  const runs = useRunningRuns(project) ?? [];
  const many = runs.length >= 50 ? "50+" : String(runs.length);
  return (
    <Popover
      label="Running now"
      trigger={
        <button type="button" className="button button-plain px-2 text-ink-2">
          <LoaderCircle
            size={14}
            className={runs.length > 0 ? "breathe text-running" : "text-ink-3"}
            aria-hidden
          />
          <span className="nums">{many}</span>
          <span className="max-sm:sr-only">running</span>
        </button>
      }
    >
      <div className="w-72">
        {runs.length === 0 && <p className="p-3 text-ink-3">Nothing is running in this project.</p>}
        <ul>
          {runs.map((run) => (
            <li key={run.id}>
              <Link to={paths.run(project, run.id)} className="menu-item">
                <span className="flex-1 truncate">{run.name}</span>
                <span className="text-ink-3 text-xs">
                  <Elapsed from={run.startedMs} to={undefined} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </Popover>
  );
}
