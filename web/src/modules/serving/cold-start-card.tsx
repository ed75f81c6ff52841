import type { ColdStartStep, EndpointStats, ServedBy, ServingEndpoint } from "@atrium/contract/serving";
import { formatCount, formatShare, plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { Ago } from "../../lib/words.tsx";
import { SERVED_BY, stepWords } from "./served-by.tsx";

type Breakdown = EndpointStats["breakdown"];

interface Answered {
  servedBy: ServedBy;
  known: number;
  fresh: number;
}

/** Who answered how many, and for whom: known entities go to the model, new ones down the chain. */
export function ColdStartCard({ endpoint, breakdown }: { endpoint: ServingEndpoint; breakdown: Breakdown }) {
  const { input } = endpoint;
  if (input.kind !== "entities") return null;
  const chain = input.coldStart?.chain ?? [];
  const rows = rowsOf(chain, breakdown);
  const total = rows.reduce((sum, { known, fresh }) => sum + known + fresh, 0);
  return (
    <section className="card min-w-0" aria-label="Cold start">
      <header className="flex h-9 items-center gap-4 border-line border-b px-3">
        <h2>Who answered</h2>
        <span className="flex items-center gap-1.5 text-xs">
          <span aria-hidden className="size-2 rounded-full" style={{ background: KNOWN }} /> known
        </span>
        <span className="flex items-center gap-1.5 text-xs">
          <span aria-hidden className="size-2 rounded-full" style={{ background: NEW }} /> new
        </span>
        <span className="nums ml-auto text-ink-3 text-xs">n = {formatCount(total)}</span>
      </header>
      <ol className="flex flex-col gap-3 p-3">
        {rows.map((row, at) => (
          <Row key={`${row.servedBy}${at}`} row={row} total={total} step={row.step} endpoint={endpoint} />
        ))}
      </ol>
      {chain.length === 0 && (
        <p className="px-3 pb-3 text-ink-3">
          It has no chain: for an entity that nothing is known of, declared defaults are all there is.
        </p>
      )}
    </section>
  );
}

const KNOWN = "var(--series-0)";
const NEW = "var(--series-1)";

/** The model, then the chain in its order, then what else has answered. */
function rowsOf(
  chain: readonly ColdStartStep[],
  breakdown: Breakdown,
): (Answered & { step: number | undefined })[] {
  const counted = (servedBy: ServedBy, cohort: "known" | "new") =>
    breakdown
      .filter((one) => one.servedBy === servedBy && one.cohort === cohort)
      .reduce((sum, { predictions }) => sum + predictions, 0);
  const order: ServedBy[] = [
    "model",
    ...chain.map(({ kind }) => kind),
    ...breakdown.map((one) => one.servedBy),
  ];
  return [...new Set(order)].map((servedBy) => {
    const step = chain.findIndex(({ kind }) => kind === servedBy);
    return {
      servedBy,
      known: counted(servedBy, "known"),
      fresh: counted(servedBy, "new"),
      step: step < 0 ? undefined : step,
    };
  });
}

function Row({
  row: { servedBy, known, fresh },
  total,
  step,
  endpoint,
}: {
  row: Answered;
  total: number;
  step: number | undefined;
  endpoint: ServingEndpoint;
}) {
  const share = total === 0 ? 0 : (known + fresh) / total;
  const width = (count: number) => `${total === 0 ? 0 : (count / total) * 100}%`;
  const words = `${SERVED_BY[servedBy].title}: ${plural(known, "known entity", "known entities")}, ${plural(fresh, "new one")}`;
  return (
    <li className="grid grid-cols-[9rem_minmax(0,1fr)_5rem] items-center gap-x-3 max-sm:grid-cols-[minmax(0,1fr)_5rem]">
      <span className="min-w-0 max-sm:col-span-2">
        <span className="font-medium">{SERVED_BY[servedBy].title}</span>
      </span>
      <span
        role="img"
        aria-label={words}
        title={words}
        className="flex h-4 gap-px overflow-hidden rounded bg-hover"
      >
        <span className="h-full" style={{ width: width(known), background: KNOWN }} />
        <span className="h-full" style={{ width: width(fresh), background: NEW }} />
      </span>
      <span className="nums text-right" title={`${known + fresh} of ${total}`}>
        {known + fresh === 0 ? <span className="text-ink-3">none</span> : formatShare(share)}
      </span>
      <span className="col-span-full pl-0 text-ink-3 text-xs sm:pl-[9.75rem]">
        <StepDetail endpoint={endpoint} step={step} servedBy={servedBy} />
      </span>
    </li>
  );
}

/** What the step does, and how old the table is that it looks into. */
function StepDetail({
  endpoint,
  step,
  servedBy,
}: {
  endpoint: ServingEndpoint;
  step: number | undefined;
  servedBy: ServedBy;
}) {
  const project = useProject();
  const chain = endpoint.input.kind === "entities" ? (endpoint.input.coldStart?.chain ?? []) : [];
  const declared = step === undefined ? undefined : chain[step];
  const table = endpoint.coldStartTables.find((one) => one.step === step);
  return (
    <>
      {declared ? stepWords(declared) : SERVED_BY[servedBy].says}
      {table && (
        <>
          {" · "}
          {table.version === undefined ? (
            table.dataset
          ) : (
            <Link className="link underline" to={paths.datasetVersion(project, table.dataset, table.version)}>
              {table.dataset} v{table.version}
            </Link>
          )}
          , {plural(table.rows, "row")}, <Ago at={table.refreshedMs} />
          {table.error && <span className="text-bad"> · {table.error}</span>}
        </>
      )}
    </>
  );
}
