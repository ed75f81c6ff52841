import type { auditApi } from "@atrium/contract/audit";
import { operation, usePages } from "./api.ts";
import { useSession } from "./session.tsx";
import { EmptyState, ErrorState, Skeleton } from "./states.tsx";
import { Ago } from "./words.tsx";

const search = operation<(typeof auditApi)["searchProjectRecords"]>("GET /audit/project-records");

/** Who did what to one object, from the audit trail. */
export function Activity({ project, type, id }: { project: string; type: string; id: string }) {
  const { can } = useSession();
  const pages = usePages(
    search,
    { project, query: { resourceType: type, resourceId: id } },
    can("audit:read"),
  );
  if (!can("audit:read"))
    return (
      <EmptyState title="The activity is for those who may read the audit trail">
        Ask a maintainer for the auditor role.
      </EmptyState>
    );
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  const records = pages.data?.pages.flatMap((page) => page.items);
  if (!records) return <Skeleton />;
  if (records.length === 0) return <EmptyState title="Nothing has been recorded yet" />;
  return (
    <ol className="flex flex-col p-4">
      {records.map((record) => (
        <li key={record.seq} className="flex flex-wrap items-baseline gap-x-3 border-line border-b py-1.5">
          <span className="w-24 shrink-0 text-ink-3">
            <Ago at={record.atMs} />
          </span>
          <span className="font-medium">{record.actor.name || record.actor.kind}</span>
          <code>{record.action}</code>
          {record.outcome !== "done" && <span className="text-bad">{record.outcome}</span>}
          <span className="ml-auto text-ink-3 text-xs">#{record.seq}</span>
        </li>
      ))}
      {pages.hasNextPage && (
        <li className="pt-2">
          <button type="button" className="button" onClick={() => void pages.fetchNextPage()}>
            Show earlier
          </button>
        </li>
      )}
    </ol>
  );
}
