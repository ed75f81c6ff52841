import type { AliasMove } from "@atrium/contract/registry";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago } from "../../lib/words.tsx";
import { AliasLabel } from "./aliases.tsx";
import { useAliasHistory } from "./registry-api.ts";

/** Every move of every alias on a line down the page, the newest first. */
export function AliasHistory({ project, model }: { project: string; model: string }) {
  const pages = useAliasHistory(project, model);
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  const moves = pages.data?.pages.flatMap((page) => page.items);
  return (
    <section className="card min-w-0">
      <h2 className="flex h-9 items-center border-line border-b px-3">Alias history</h2>
      {!moves && <Skeleton rows={3} />}
      {moves?.length === 0 && <p className="p-3 text-ink-3">No alias has moved yet.</p>}
      {moves && moves.length > 0 && (
        <ol className="relative flex flex-col gap-2 p-3 before:absolute before:top-5 before:bottom-5 before:left-4 before:w-px before:bg-line">
          {moves.map((move) => (
            <li
              key={`${move.atMs} ${move.alias} ${move.toVersion ?? ""}`}
              className="relative flex flex-wrap items-center gap-x-2 pl-4 before:absolute before:left-0.5 before:size-[7px] before:rounded-full before:border before:border-line-strong before:bg-surface"
            >
              <AliasLabel alias={move.alias} />
              <Words project={project} model={model} move={move} />
              <span className="ml-auto text-ink-3 text-xs">
                {move.by}, <Ago at={move.atMs} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {pages.hasNextPage && (
        <button type="button" className="link p-3" onClick={() => void pages.fetchNextPage()}>
          Show earlier
        </button>
      )}
    </section>
  );
}

function Words({ project, model, move }: { project: string; model: string; move: AliasMove }) {
  const version = (number: number) => (
    <Link className="link nums underline" to={paths.modelVersion(project, model, number)}>
      v{number}
    </Link>
  );
  if (move.toVersion === undefined)
    return <span>taken from {move.fromVersion === undefined ? "a version" : version(move.fromVersion)}</span>;
  if (move.fromVersion === undefined) return <span>set on {version(move.toVersion)}</span>;
  return (
    <span>
      {version(move.fromVersion)} → {version(move.toVersion)}
    </span>
  );
}
