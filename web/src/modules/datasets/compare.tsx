import type { DatasetComparison } from "@atrium/contract/datasets";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { formatDelta, plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { useComparison } from "./datasets-api.ts";
import { distanceOf } from "./distance.ts";
import { ColumnOverlay } from "./overlay.tsx";
import { comparisonCode } from "./same-as-code.ts";

/** Two versions of one dataset, column over column: what came, what went, what moved. */
export function DatasetCompareScreen() {
  const project = useProject();
  const { dataset = "" } = useParams({ strict: false }) as { dataset?: string };
  const [url, setUrl] = useUrl();
  const pair = { from: Number(url.from ?? 0), to: Number(url.to ?? 0) };
  const [over, setOver] = useState<"code" | "none">("none");
  const { data, error, refetch } = useComparison(project, dataset, pair);
  return (
    <>
      <RoomHeader title={`Compare versions of ${dataset}`}>
        <button
          type="button"
          className="button"
          onClick={() => setUrl({ from: url.to, to: url.from }, "push")}
        >
          Swap
        </button>
        <Link className="button" to={`${paths.dataset(project, dataset)}?tab=versions`}>
          All versions
        </Link>
        <MoreMenu items={[{ title: "Copy as code", run: () => setOver("code") }]} />
      </RoomHeader>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !(pair.from > 0 && pair.to > 0) ? (
        <EmptyState title="Pick two versions">Select them in the dataset's versions.</EmptyState>
      ) : data ? (
        <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto px-4 pb-4">
          <Heads project={project} dataset={dataset} comparison={data} />
          <p className="text-ink-2">
            Columns that came, went or changed their type or nulls stand first, then those whose values moved
            most.
          </p>
          <Columns comparison={data} />
        </div>
      ) : (
        <Skeleton rows={8} />
      )}
      {over === "code" && (
        <CodeDialog code={comparisonCode(project, dataset, pair)} onClose={() => setOver("none")} />
      )}
    </>
  );
}

function Heads({
  project,
  dataset,
  comparison: { from, to },
}: {
  project: string;
  dataset: string;
  comparison: DatasetComparison;
}) {
  return (
    <p className="nums flex flex-wrap items-center gap-x-6 gap-y-1">
      {[
        { side: from, colour: "var(--series-1)" },
        { side: to, colour: "var(--series-0)" },
      ].map(({ side, colour }) => (
        <span key={colour} className="inline-flex items-center gap-2">
          <span aria-hidden className="size-3 rounded-sm" style={{ background: colour }} />
          <Link className="link font-medium" to={paths.datasetVersion(project, dataset, side.version)}>
            v{side.version}
          </Link>
          <span className="text-ink-2">{plural(side.rowCount, "row")}</span>
        </span>
      ))}
      <span className="text-ink-2">{formatDelta(to.rowCount - from.rowCount)} rows</span>
    </p>
  );
}

function Columns({ comparison: { from, to, columns } }: { comparison: DatasetComparison }) {
  const sorted = columns
    .map((column) => ({ column, distance: distanceOf(column.from, column.to) }))
    .sort((a, b) => rank(a.column) - rank(b.column) || b.distance - a.distance);
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,320px),1fr))] gap-3">
      {sorted.map(({ column, distance }) => (
        <ColumnOverlay
          key={column.name}
          column={column}
          distance={distance}
          rows={{ from: from.rowCount, to: to.rowCount }}
        />
      ))}
    </ul>
  );
}

function rank({ change }: DatasetComparison["columns"][number]): number {
  return change === "same" ? 1 : 0;
}
