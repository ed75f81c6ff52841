import type { NotebookVersion } from "@atrium/contract/notebooks";
import { Download, RotateCcw } from "lucide-react";
import { addressOf } from "../../lib/api.ts";
import { useUndoable } from "../../lib/fresh.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago, Bytes } from "../../lib/words.tsx";
import { NOTEBOOK_READS, restoreVersion, useVersions } from "./notebooks-api.ts";

/** Every save of a file, the newest first: to be read, fetched and brought back. */
export function Versions({ project, path }: { project: string; path: string }) {
  const { rows, error, hasNextPage, fetchNextPage, isPending, refetch } = useVersions(project, path);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <ol className="flex flex-col p-4" aria-label="Versions">
      {rows.map((version, at) => (
        <Line
          key={version.version}
          project={project}
          path={path}
          version={version}
          newest={at === 0 ? version.version : rows[0]?.version}
        />
      ))}
      {hasNextPage && (
        <li className="pt-2">
          <button type="button" className="button" onClick={() => void fetchNextPage()}>
            Show earlier
          </button>
        </li>
      )}
    </ol>
  );
}

function Line({
  project,
  path,
  version: { version, savedMs, savedBy, sizeBytes },
  newest,
}: {
  project: string;
  path: string;
  version: NotebookVersion;
  newest: number | undefined;
}) {
  const { can } = useSession();
  const undoable = useUndoable(NOTEBOOK_READS);
  const bring = (number: number) => restoreVersion({ project, body: { path, version: number } });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b py-1.5">
      <Link to={paths.notebook(project, path, version)} className="nums w-24 font-medium hover:underline">
        Version {version}
      </Link>
      <span className="w-24 text-ink-2">
        <Ago at={savedMs} />
      </span>
      <span className="min-w-0 flex-1 truncate">{savedBy}</span>
      <span className="text-ink-3">
        <Bytes value={sizeBytes} />
      </span>
      <span className="flex items-center gap-1">
        {version === newest && <span className="px-2 text-ink-3 text-xs">the newest</span>}
        {version !== newest && newest !== undefined && can("notebook:write") && (
          <button
            type="button"
            className="button"
            onClick={() =>
              void undoable({
                act: () => bring(version),
                said: `Version ${version} is the newest again`,
                undo: () => bring(newest),
              })
            }
          >
            <RotateCcw size={14} /> Bring back
          </button>
        )}
        <a
          className="button button-plain button-icon"
          aria-label={`Download version ${version}`}
          title="Download"
          href={addressOf("/notebooks/content", { project, query: { path, version } })}
          download={path.split("/").at(-1)}
        >
          <Download size={14} />
        </a>
      </span>
    </li>
  );
}
