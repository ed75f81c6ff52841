import { ChevronDown, ChevronRight } from "lucide-react";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, Elapsed, Num, Status } from "../../lib/words.tsx";
import type { Nested } from "./run-tree.ts";
import type { RunRow } from "./runs-api.ts";

export type RunLine = Nested<RunRow>;

// Tags that the client libraries write for themselves; people seldom look for them.
const INTERNAL_TAG = /^mlflow\./;
// The first metrics and params of a project are shown without asking; more would push each other off the screen.
const USUAL_METRICS = 4;
const USUAL_PARAMS = 3;

/** Columns for what the loaded runs really have; `metrics.rmse` is the name the filter and the sort use, too. */
export function runColumns(options: {
  project: string;
  rows: readonly RunRow[];
  colours: ReadonlyMap<string, string>;
  folded: ReadonlySet<string>;
  onFold: (id: string) => void;
}): Column<RunLine>[] {
  const { project, rows, colours, folded, onFold } = options;
  const metrics = namesOf(rows, (run) => run.metrics);
  const params = namesOf(rows, (run) => run.params);
  const tags = namesOf(rows, (run) => run.tags).filter((name) => !INTERNAL_TAG.test(name));
  return [
    {
      id: "name",
      title: "Run",
      width: 240,
      fixed: "first",
      sorts: "ascending",
      text: ({ row }) => row.name,
      cell: (line) => (
        <span className="flex min-w-0 items-center gap-1.5">
          {line.children > 0 && (
            <button
              type="button"
              className="-ml-4 text-ink-3"
              aria-label={folded.has(line.row.id) ? `Show ${line.children} child runs` : "Hide child runs"}
              aria-expanded={!folded.has(line.row.id)}
              onClick={() => onFold(line.row.id)}
            >
              {folded.has(line.row.id) ? <ChevronRight size={14} /> : <ChevronDown size={14} />}
            </button>
          )}
          {colours.has(line.row.id) && (
            <span
              className="size-2 shrink-0 rounded-full"
              style={{ background: colours.get(line.row.id) }}
              aria-hidden
            />
          )}
          <Link to={paths.run(project, line.row.id)} className="truncate font-medium hover:underline">
            {line.row.name}
          </Link>
        </span>
      ),
    },
    {
      id: "status",
      title: "Status",
      width: 110,
      usual: "shown",
      sorts: "ascending",
      text: ({ row }) => row.status,
      cell: ({ row }) => <Status status={row.status} />,
    },
    {
      id: "started",
      title: "Started",
      width: 110,
      usual: "shown",
      sorts: "descending",
      text: ({ row }) => (row.startedMs ? formatTime(row.startedMs) : ""),
      cell: ({ row }) => <Ago at={row.startedMs} />,
    },
    {
      id: "took",
      title: "Took",
      width: 90,
      usual: "shown",
      align: "end",
      text: ({ row }) => (row.startedMs && row.endedMs ? row.endedMs - row.startedMs : null),
      cell: ({ row }) => <Elapsed from={row.startedMs} to={row.endedMs} />,
    },
    { id: "owner", title: "By", width: 120, text: ({ row }) => row.owner, cell: ({ row }) => row.owner },
    ...metrics.map(
      (name, index): Column<RunLine> => ({
        id: `metrics.${name}`,
        title: name,
        group: "Metrics",
        width: 110,
        align: "end",
        sorts: "descending",
        ...(index < USUAL_METRICS ? { usual: "shown" } : {}),
        text: ({ row }) => row.metrics[name],
        cell: ({ row }) => (name in row.metrics ? <Num value={row.metrics[name]} /> : null),
      }),
    ),
    ...params.map(
      (name, index): Column<RunLine> => ({
        id: `params.${name}`,
        title: name,
        group: "Parameters",
        width: 120,
        sorts: "ascending",
        ...(index < USUAL_PARAMS ? { usual: "shown" } : {}),
        text: ({ row }) => row.params[name],
        cell: ({ row }) => <span title={row.params[name]}>{row.params[name]}</span>,
      }),
    ),
    ...tags.map(
      (name): Column<RunLine> => ({
        id: `tags.${name}`,
        title: name,
        group: "Tags",
        width: 120,
        sorts: "ascending",
        text: ({ row }) => row.tags[name],
        cell: ({ row }) => <span title={row.tags[name]}>{row.tags[name]}</span>,
      }),
    ),
  ];
}

/** Names in the order in which runs bring them, the most common first. */
export function namesOf(
  rows: readonly RunRow[],
  values: (run: RunRow) => Readonly<Record<string, unknown>>,
): string[] {
  const counts = new Map<string, number>();
  for (const run of rows)
    for (const name of Object.keys(values(run))) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}
