import type { auditApi } from "@atrium/contract/audit";
import { operation, usePages } from "./api.ts";
import { useSession } from "./session.tsx";
import { EmptyState, ErrorState, Skeleton } from "./states.tsx";
import { Ago } from "./words.tsx";

const search = operation<(typeof auditApi)["searchProjectRecords"]>("GET /audit/project-records");

/** Who did what to one object, from the audit trail: by its id, or by its name where pages know no id. */
export function Activity({
  project,
  type,
  ...of
}: {
  project: string;
  type: string;
} & ({ id: string } | { name: string })) {
  const { can } = useSession();
  const pages = usePages(
    search,
    // The trail finds a name as any other text, so what only resembles it is left out below.
    {
      project,
      query: { resourceType: type, ...("id" in of ? { resourceId: of.id } : { text: of.name }) },
    },
    can("audit:read"),
  );
  if (!can("audit:read"))
    return (
      <EmptyState title="The activity is for those who may read the audit trail">
        Ask a maintainer for the auditor role.
      </EmptyState>
    );
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  const records = pages.data?.pages
    .flatMap((page) => page.items)
    .filter((record) => "id" in of || record.resource.name === of.name);
  if (!records) return <Skeleton />;
  if (records.length === 0 && !pages.hasNextPage) return <EmptyState title="Nothing has been recorded yet" />;
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
