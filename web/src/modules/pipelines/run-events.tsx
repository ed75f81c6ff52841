import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago } from "../../lib/words.tsx";
import { useRunEvents } from "./pipelines-api.ts";

/** All that happened in a run, in its order. */
export function RunEvents({ project, run }: { project: string; run: string }) {
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useRunEvents(project, run);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <ol className="flex flex-col p-4">
      {rows.map((event) => (
        <li
          key={event.sequence}
          className="flex flex-wrap items-baseline gap-x-3 border-line border-b py-1.5"
        >
          <span className="nums w-10 shrink-0 text-ink-3 text-xs">#{event.sequence}</span>
          <span className="w-20 shrink-0 text-ink-3">
            <Ago at={event.atMs} />
          </span>
          <code className="w-24 shrink-0">{event.kind}</code>
          <span className="min-w-0 break-all font-medium">{event.path}</span>
          {event.attempt > 1 && <span className="text-ink-3">attempt {event.attempt}</span>}
          {event.message && <span className="min-w-0 break-words text-ink-2">{event.message}</span>}
        </li>
      ))}
      {hasNextPage && (
        <li className="pt-2">
          <button type="button" className="button" onClick={() => void fetchNextPage()}>
            Show later
          </button>
        </li>
      )}
    </ol>
  );
}
