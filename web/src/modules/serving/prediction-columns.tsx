import type { LoggedPrediction } from "@atrium/contract/serving";
import { formatNumber, formatTime } from "../../lib/format.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago, Num } from "../../lib/words.tsx";
import { CohortWord, SERVED_BY } from "./served-by.tsx";
import { Dot } from "./states.tsx";

/** What the model gave, as one text. */
function outputText({ outputs }: Pick<LoggedPrediction, "outputs">): string {
  const values = Object.values(outputs);
  if (values.length === 0) return "";
  return values.length === 1 ? textOf(values[0]) : JSON.stringify(outputs);
}

export function textOf(value: unknown): string {
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

export const PREDICTION_COLUMNS: readonly Column<LoggedPrediction>[] = [
  {
    id: "at",
    title: "When",
    width: 110,
    fixed: "first",
    text: ({ atMs }) => formatTime(atMs),
    cell: ({ atMs }) => <Ago at={atMs} />,
  },
  {
    id: "prediction",
    title: "Prediction",
    width: 160,
    usual: "shown",
    text: outputText,
    cell: (one) =>
      one.status >= 500 ? (
        <span className="text-bad">failed, {one.status}</span>
      ) : (
        <span title={JSON.stringify(one.outputs)}>{outputText(one)}</span>
      ),
  },
  {
    id: "label",
    title: "Came true",
    width: 110,
    usual: "shown",
    text: ({ label }) => (label === undefined ? undefined : String(label.value)),
    cell: ({ label }) =>
      label === undefined ? <span className="text-ink-3">–</span> : <span>{textOf(label.value)}</span>,
  },
  {
    id: "served-by",
    title: "Served by",
    width: 110,
    usual: "shown",
    text: ({ servedBy }) => servedBy,
    cell: ({ servedBy }) => SERVED_BY[servedBy].title,
  },
  {
    id: "cohort",
    title: "Cohort",
    width: 90,
    usual: "shown",
    text: ({ cohort }) => cohort,
    cell: ({ cohort }) => <CohortWord cohort={cohort} />,
  },
  {
    id: "deployment",
    title: "Deployment",
    width: 220,
    usual: "shown",
    text: ({ deployment, model }) => `${deployment} ${model.name} v${model.version}`,
    cell: ({ deployment, model }) => (
      <span className="flex items-center gap-1.5">
        <Dot number={deployment} /> {deployment} · {model.name} v{model.version}
      </span>
    ),
  },
  {
    id: "latency",
    title: "ms",
    width: 80,
    align: "end",
    usual: "shown",
    text: ({ latencyMs }) => latencyMs,
    cell: ({ latencyMs }) => <Num value={latencyMs} />,
  },
  {
    id: "inputs",
    title: "With",
    width: 320,
    usual: "shown",
    text: ({ inputs }) => JSON.stringify(inputs),
    cell: ({ inputs }) => <code className="text-ink-3">{JSON.stringify(inputs)}</code>,
  },
];
