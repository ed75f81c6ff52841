import type { TrainingSet } from "@atrium/contract/feature-store";
import { formatNumber, formatShare } from "../../lib/format.ts";

type Statistics = TrainingSet["columns"][number];
const HEADS = ["Column", "Type", "Null", "Distinct ≈", "Min", "Mean", "Max", "Std"] as const;

/** What each column of a training set holds; what is missing is drawn. */
export function StatisticsTable({ columns, rowCount }: { columns: readonly Statistics[]; rowCount: number }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className="card overflow-auto" aria-label="Statistics" tabIndex={0}>
      <h2 className="sticky left-0 flex h-9 items-center gap-2 border-line border-b px-3">
        Columns <span className="nums font-normal text-ink-3 text-xs">n = {formatNumber(rowCount)}</span>
      </h2>
      <table className="min-w-full">
        <thead>
          <tr className="text-ink-2 text-xs">
            {HEADS.map((head, index) => (
              <th
                key={head}
                scope="col"
                className={`border-line border-b px-3 py-1 font-medium ${index < 3 ? "text-left" : "text-right"}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <Line key={column.name} column={column} rowCount={rowCount} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ column, rowCount }: { column: Statistics; rowCount: number }) {
  const share = rowCount === 0 ? 0 : column.nulls / rowCount;
  return (
    <tr className="border-line border-b last:border-0">
      <th scope="row" className="max-w-64 truncate px-3 py-1 text-left font-medium" title={column.name}>
        {column.name}
      </th>
      <td className="px-3 py-1">
        <code className="text-ink-3">{column.type}</code>
      </td>
      <td className="px-3 py-1" title={`${column.nulls} of ${rowCount}`}>
        <span className="flex items-center gap-2">
          <span className="h-1.5 w-14 shrink-0 overflow-hidden rounded-full bg-hover" aria-hidden>
            <span
              className="block h-full bg-warn"
              style={{ width: `${share > 0 ? Math.max(3, share * 100) : 0}%` }}
            />
          </span>
          <span className="nums text-xs">{share === 0 ? "none" : formatShare(share)}</span>
        </span>
      </td>
      {[column.distinct, column.min, column.mean, column.max, column.std].map((value, index) => (
        <td
          key={HEADS[index + 3]}
          className="max-w-40 truncate whitespace-nowrap px-3 py-1 text-right"
          title={value === undefined ? undefined : String(value)}
        >
          {typeof value === "number" ? formatNumber(value) : String(value ?? "–")}
        </td>
      ))}
    </tr>
  );
}
