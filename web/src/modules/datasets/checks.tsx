import type { DatasetCheck, DatasetCheckResult, DatasetRows } from "@atrium/contract/datasets";
import { CircleAlert, CircleCheck, CircleHelp, RotateCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { formatNumber } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago } from "../../lib/words.tsx";
import { DATASET_READS, runChecks, useCheckResults, type VersionAt } from "./datasets-api.ts";
import { RowsTable } from "./rows-table.tsx";

/** How each check ended, the failed ones first and with the rows that fail. */
export function Checks(at: VersionAt) {
  const { can } = useSession();
  const fresh = useFresh(DATASET_READS);
  const [busy, setBusy] = useState(false);
  const { data, error, refetch } = useCheckResults(at);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={8} />;
  const { project, ...params } = at;
  const again = async () => {
    setBusy(true);
    await fresh(() => runChecks({ project, params })).catch(() => undefined);
    setBusy(false);
  };
  const rerun = can("dataset:write") && (
    <button type="button" className="button" disabled={busy} onClick={() => void again()}>
      <RotateCw size={14} /> {busy ? "Running" : "Run the present checks"}
    </button>
  );
  if (data.items.length === 0)
    return (
      <EmptyState
        title="No checks have run over this version"
        command={`atrium datasets checks ${at.dataset} --project ${project} --set '[{"name": "no nulls", "kind": "not-null", "column": "id"}]'`}
        action={rerun || undefined}
      >
        A check says what must hold for every version: not null, unique, a range, allowed values, a pattern,
        how fresh, how many rows, or any SQL expression.
      </EmptyState>
    );
  const sorted = [...data.items].sort((a, b) => rank(a) - rank(b));
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-3">
        <p className="mr-auto text-ink-2">
          Ran <Ago at={data.items[0]?.ranMs} />. A failed error forbids certification; a failed warning only
          shows.
        </p>
        {rerun}
      </div>
      <ul className="flex flex-col gap-3">
        {sorted.map((result) => (
          <CheckCard key={result.check.name} result={result} />
        ))}
      </ul>
    </div>
  );
}

const RANKS = { broken: 0, failed: 1, passed: 3 } as const;
function rank({ state, check }: DatasetCheckResult): number {
  return state === "failed" && check.severity === "warning" ? 2 : RANKS[state];
}

function CheckCard({ result }: { result: DatasetCheckResult }) {
  const { check, state, failedCount, rowCount, message, examples } = result;
  const colour = state === "failed" && check.severity === "warning" ? "bg-warn" : "bg-bad";
  const share = rowCount > 0 ? Math.max(0, 1 - failedCount / rowCount) : 1;
  return (
    <li className="card min-w-0 p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <CheckState result={result} />
        <h2>{check.name}</h2>
        <span className="text-ink-2">{inWords(check)}</span>
      </div>
      {state !== "passed" && (
        <>
          <div className={`mt-2 h-1.5 overflow-hidden rounded-full ${colour}`} aria-hidden>
            <div className="h-full bg-hover" style={{ width: `${Math.min(99.5, share * 100)}%` }} />
          </div>
          <p className="mt-2">{message}</p>
        </>
      )}
      {examples.length > 0 && (
        <div className="mt-2">
          <h3 className="mb-1 text-ink-3 text-xs">Rows that fail, for example</h3>
          <RowsTable label={`Rows that fail ${check.name}`} rows={asRows(examples)} />
        </div>
      )}
    </li>
  );
}

function CheckState({ result: { state, check } }: { result: DatasetCheckResult }) {
  const [Icon, colour, word] =
    state === "passed"
      ? ([CircleCheck, "text-good", "Passed"] as const)
      : state === "broken"
        ? ([CircleHelp, "text-bad", "Cannot be judged"] as const)
        : check.severity === "warning"
          ? ([TriangleAlert, "text-warn", "Warning"] as const)
          : ([CircleAlert, "text-bad", "Failed"] as const);
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${colour}`}>
      <Icon size={14} aria-hidden /> {word}
    </span>
  );
}

/** What a check asks, as one would say it. */
function inWords(check: DatasetCheck): string {
  switch (check.kind) {
    case "not-null":
      return `${check.column} is never null`;
    case "unique":
      return `${check.columns.join(", ")} never repeats`;
    case "range":
      return `${check.column} is ${between(check)}`;
    case "allowed-values":
      return `${check.column} is one of ${check.values.slice(0, 6).join(", ")}${check.values.length > 6 ? "…" : ""}`;
    case "row-count":
      return `the number of rows is ${between(check)}`;
    case "freshness":
      return `the newest ${check.column} is at most ${formatNumber(check.hoursMax)} h old`;
    case "regex":
      return `${check.column} matches ${check.pattern}`;
    case "expression":
      return check.sql;
  }
}

type End = string | number | boolean | undefined;
function between({ min, max }: { min?: End; max?: End }): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}

function asRows(examples: DatasetCheckResult["examples"]): DatasetRows {
  const names = [...new Set(examples.flatMap(Object.keys))];
  return {
    columns: names.map((name) => ({ name, type: "" })),
    rows: examples.map((row) => names.map((name) => row[name] ?? null)),
  };
}
