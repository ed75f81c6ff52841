import type { ColumnProfile, DatasetCheckResult } from "@atrium/contract/datasets";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { formatCount, formatNumber, plural } from "../../lib/format.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useCheckResults, useProfile, type VersionAt } from "./datasets-api.ts";
import { HistogramDrawing, NullsBar, QuantileBox, TopValues } from "./drawings.tsx";
import { shortValue } from "./value.ts";

/** Every column drawn: what it holds, what is missing, and whether its checks hold. */
export function Profile(at: VersionAt) {
  const { data, error, refetch } = useProfile(at);
  const checks = useCheckResults(at).data?.items ?? [];
  const [search, setSearch] = useState("");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={8} />;
  if (data.columns.length === 0) return <EmptyState title="It has no columns" />;
  const wanted = search.trim().toLowerCase();
  const shown = data.columns.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-3">
        <p className="nums mr-auto text-ink-2">
          {plural(data.columns.length, "column")}, n = {formatCount(data.rowCount)}
        </p>
        <input
          type="search"
          className="field !h-7 max-w-60"
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {shown.length === 0 && <p className="text-ink-3">No column is called so.</p>}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,280px),1fr))] gap-3">
        {shown.map((column) => (
          <ColumnCard key={column.name} column={column} rowCount={data.rowCount} checks={checks} />
        ))}
      </ul>
    </div>
  );
}

function ColumnCard({
  column,
  rowCount,
  checks,
}: {
  column: ColumnProfile;
  rowCount: number;
  checks: readonly DatasetCheckResult[];
}) {
  const mine = checks.filter(({ check }) => columnsOf(check).includes(column.name));
  const isText = column.histogram?.kind === "lengths";
  return (
    <li className="card flex min-w-0 flex-col gap-3 p-3">
      <header className="flex items-baseline gap-2">
        <h2 className="min-w-0 flex-1 truncate" title={column.name}>
          {column.name}
        </h2>
        <code className="max-w-32 truncate text-ink-3" title={column.type}>
          {column.type}
        </code>
      </header>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <NullsBar nulls={column.nulls} rowCount={rowCount} />
        {column.distinct !== undefined && (
          <span className="nums text-ink-2 text-xs">{formatNumber(column.distinct)} distinct</span>
        )}
      </div>
      {column.histogram && !isText && <HistogramDrawing name={column.name} histogram={column.histogram} />}
      {column.quantiles && column.quantiles.length > 0 && (
        <QuantileBox
          name={column.name}
          quantiles={column.quantiles}
          looks={column.histogram?.kind === "times" ? "middle" : "whole"}
        />
      )}
      {column.mean !== undefined && (
        <p className="nums text-ink-2 text-xs">
          mean {formatNumber(column.mean)}
          {column.std !== undefined && ` ± ${formatNumber(column.std)}`}, from {shortValue(column.min)} to{" "}
          {shortValue(column.max)}
          {(column.notFinite ?? 0) > 0 && `, ${formatCount(column.notFinite ?? 0)} not finite`}
        </p>
      )}
      {(isText || !column.histogram) && column.top && column.top.length > 0 && (
        <TopValues top={column.top} rowCount={rowCount} />
      )}
      {column.nulls === rowCount && <p className="text-ink-3 text-xs">Every value is null.</p>}
      {mine.length > 0 && (
        <ul className="mt-auto flex flex-col gap-0.5 border-line border-t pt-2 text-xs">
          {mine.map((result) => (
            <CheckLine key={result.check.name} result={result} />
          ))}
        </ul>
      )}
    </li>
  );
}

function CheckLine({ result: { check, state, message } }: { result: DatasetCheckResult }) {
  const isWarning = state === "failed" && check.severity === "warning";
  const [Icon, colour] =
    state === "passed"
      ? ([CircleCheck, "text-good"] as const)
      : isWarning
        ? ([TriangleAlert, "text-warn"] as const)
        : ([CircleAlert, "text-bad"] as const);
  return (
    <li className={`flex items-center gap-1.5 ${colour}`} title={message}>
      <Icon size={12} aria-hidden />
      <span className="min-w-0 truncate">{check.name}</span>
      <span className="ml-auto">{isWarning ? "warned" : state}</span>
    </li>
  );
}

function columnsOf(check: DatasetCheckResult["check"]): readonly string[] {
  if (check.kind === "unique") return check.columns;
  return "column" in check ? [check.column] : [];
}
