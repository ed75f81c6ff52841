import { NotebookText } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { Newest, Station } from "../../lib/station.tsx";
import { isUp, useFiles, useRuns, useServers } from "./notebooks-api.ts";

const DAY_MS = 86_400_000;

/** Notebooks on home: how many, which was saved last, whose servers are up, and what failed as a job since yesterday. */
export function NotebookStation({ project }: { project: string }) {
  const { rows, isPending } = useFiles(project);
  const servers = useServers(project).rows.filter(isUp).length;
  const runs = useRuns(project).rows;
  const notebooks = rows.filter(({ kind }) => kind === "notebook");
  const newest = [...notebooks].sort((a, b) => b.modifiedMs - a.modifiedMs)[0];
  const since = Date.now() - DAY_MS;
  const failed = runs.filter((run) => run.state === "failed" && (run.endedMs ?? 0) > since);
  const [first] = failed;
  return (
    <Station
      title="Notebooks"
      icon={NotebookText}
      to={paths.notebooks(project)}
      count={isPending ? undefined : notebooks.length}
      newest={newest && <Newest name={newest.path} at={newest.modifiedMs} />}
      running={
        servers > 0
          ? { words: `${plural(servers, "server")} up`, to: `${paths.notebooks(project)}?tab=servers` }
          : undefined
      }
      trouble={
        first && {
          words: failed.length === 1 ? `${first.path} failed as a job` : `${failed.length} failed as jobs`,
          to:
            failed.length === 1
              ? paths.notebookRun(project, first.id)
              : `${paths.notebooks(project)}?tab=runs`,
        }
      }
      empty="Write the first one"
    />
  );
}
