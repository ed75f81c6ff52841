import { ChevronLeft, ChevronRight } from "lucide-react";
import { formatCount } from "../../lib/format.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { useRows, type VersionAt } from "./datasets-api.ts";
import { RowsTable } from "./rows-table.tsx";

const PAGE_ROWS = 100;

/** The rows as they lie in the files, a page at a time; the page is in the address. */
export function Preview({ at, rowCount }: { at: VersionAt; rowCount: number }) {
  const [url, setUrl] = useUrl();
  const asked = Number(url.from ?? 0);
  const offset = Number.isSafeInteger(asked) && asked > 0 ? asked : 0;
  const { data, error, refetch } = useRows(at, { offset, limit: PAGE_ROWS });
  const go = (to: number) => setUrl({ from: to > 0 ? String(to) : undefined });
  const last = Math.min(rowCount, offset + PAGE_ROWS);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3 p-4">
      <div className="flex items-center gap-2">
        <p className="nums mr-auto text-ink-2">
          {rowCount === 0 || offset >= rowCount
            ? `No rows here, of ${formatCount(rowCount)}`
            : `Rows ${formatCount(offset + 1)} to ${formatCount(last)} of ${formatCount(rowCount)}`}
        </p>
        <button
          type="button"
          className="button button-icon"
          aria-label="Rows before"
          disabled={offset === 0}
          onClick={() => go(Math.max(0, offset - PAGE_ROWS))}
        >
          <ChevronLeft size={16} />
        </button>
        <button
          type="button"
          className="button button-icon"
          aria-label="Next rows"
          disabled={last >= rowCount}
          onClick={() => go(offset + PAGE_ROWS)}
        >
          <ChevronRight size={16} />
        </button>
      </div>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <RowsTable label="Preview" rows={data} from={offset} />
      ) : (
        <Skeleton rows={10} />
      )}
    </div>
  );
}
