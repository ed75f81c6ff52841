import type { Vocabulary } from "../../lib/filter/completion.ts";
import { namesOf } from "./run-columns.tsx";
import type { RunRow } from "./runs-api.ts";

const VALUES_MAX = 20;

/** What the filter line can suggest: the fields every run has, and the names and values of the runs on screen. */
export function runVocabulary(rows: readonly RunRow[]): Vocabulary {
  return {
    fields: [
      ...namesOf(rows, (run) => run.metrics).map((name) => ({
        name: `metrics.${quoted(name)}`,
        kind: "number" as const,
      })),
      ...namesOf(rows, (run) => run.params).map((name) => ({
        name: `params.${quoted(name)}`,
        kind: "text" as const,
        values: distinct(rows, (run) => run.params[name]),
      })),
      ...namesOf(rows, (run) => run.tags).map((name) => ({
        name: `tags.${quoted(name)}`,
        kind: "text" as const,
        values: distinct(rows, (run) => run.tags[name]),
      })),
      {
        name: "attributes.status",
        kind: "text",
        values: ["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED"],
      },
      { name: "attributes.run_name", kind: "text" },
      { name: "attributes.start_time", kind: "number" },
      { name: "attributes.end_time", kind: "number" },
      { name: "attributes.user_id", kind: "text" },
    ],
  };
}

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name}"`;
}

function distinct(rows: readonly RunRow[], value: (run: RunRow) => string | undefined): string[] {
  const found = new Set<string>();
  for (const run of rows) {
    const one = value(run);
    if (one !== undefined && one.length <= 60) found.add(one);
    if (found.size >= VALUES_MAX) break;
  }
  return [...found];
}

const EXAMPLES: [string, string][] = [
  ["metrics.rmse < 0.5", "a metric's last value"],
  ["params.model = 'xgb'", "parameters and tags are text, in quotes"],
  ["tags.stage != 'draft' and metrics.auc > 0.9", "conditions join with and; there is no or"],
  ["attributes.status = 'FAILED'", "status, run_name, start_time, end_time, user_id"],
  ["params.note ILIKE '%night%'", "% is any text; LIKE minds the case"],
  ['metrics."val loss" <= 1', "odd names go in double quotes"],
];

/** The filter language on half a page. */
export function FilterHelp() {
  return (
    <div className="flex flex-col gap-2">
      <h3 className="font-semibold">Filter</h3>
      <p className="text-ink-2">
        The same language as in the mlflow client's <code>search_runs</code>. Enter applies, Tab completes.
      </p>
      <dl className="flex flex-col gap-2">
        {EXAMPLES.map(([code, means]) => (
          <div key={code}>
            <dt>
              <code>{code}</code>
            </dt>
            <dd className="text-ink-3 text-xs">{means}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
