import type { LoggedPrediction, ServingEndpoint } from "@atrium/contract/serving";
import type { ReactNode } from "react";
import { CopyableId } from "../../lib/copy.tsx";
import { formatDuration, formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Ago } from "../../lib/words.tsx";
import { PredictionValue } from "./answer-card.tsx";
import { Chain } from "./chain.tsx";
import { instancesOf } from "./example.ts";
import { FeedbackForm } from "./feedback-form.tsx";
import { OriginCard } from "./origin-card.tsx";
import { textOf } from "./prediction-columns.tsx";
import { CohortWord, servedWords } from "./served-by.tsx";
import { usePrediction } from "./serving-api.ts";
import { Dot } from "./states.tsx";

const ID_SHOWN = 20;

/** One prediction whole: what was asked, what was joined, who answered, and what came true. */
export function PredictionPeek({
  project,
  endpoint,
  id,
}: {
  project: string;
  endpoint: ServingEndpoint;
  id: string;
}) {
  const { data: one, error, refetch } = usePrediction(project, endpoint.name, id);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!one) return <Skeleton />;
  const { asked, joined } = sidesOf(endpoint, one);
  const outputs = Object.values(one.outputs);
  const service = endpoint.input.kind === "entities" ? endpoint.input.featureService : undefined;
  return (
    <div className="flex flex-col gap-4 p-4">
      {one.status >= 500 ? (
        <p className="text-bad">It failed: the answer's status was {one.status}.</p>
      ) : (
        <PredictionValue value={outputs.length === 1 ? outputs[0] : one.outputs} />
      )}
      {endpoint.input.kind === "entities" && <Chain endpoint={endpoint} servedBy={one.servedBy} />}
      <Facts items={factsOf(project, endpoint, one)} />
      <Values title={endpoint.input.kind === "entities" ? "Asked with" : "Inputs"} values={asked} />
      {joined.length > 0 && <Values title="Features joined" values={joined} />}
      {service && (
        <Link className="link" to={paths.featureService(project, service)}>
          Features of {service}
        </Link>
      )}
      <OriginCard project={project} endpoint={endpoint.name} id={one.predictionId} />
      <section className="card p-3">
        <h2 className="mb-2">Feedback</h2>
        <FeedbackForm project={project} endpoint={endpoint.name} predictionId={one.predictionId} />
      </section>
    </div>
  );
}

function factsOf(project: string, endpoint: ServingEndpoint, one: LoggedPrediction): [string, ReactNode][] {
  const { model, deployment, servedBy, cohort, latencyMs, atMs, label, predictionId } = one;
  return [
    [
      "When",
      <span key="w">
        <Ago at={atMs} /> <span className="text-ink-3">{formatTime(atMs)}</span>
      </span>,
    ],
    [
      "Model",
      <span key="m" className="flex flex-wrap items-center gap-x-2">
        <Link className="link" to={paths.modelVersion(project, model.name, model.version)}>
          {model.name} v{model.version}
        </Link>
        <span className="flex items-center gap-1.5 text-ink-2">
          <Dot number={deployment} /> deployment {deployment}
        </span>
      </span>,
    ],
    ["Served by", servedWords(servedBy, endpoint.input.kind)],
    ["Cohort", <CohortWord key="c" cohort={cohort} />],
    ["Took", formatDuration(latencyMs)],
    [
      "Came true",
      label === undefined ? (
        <span key="l" className="text-ink-3">
          not known yet
        </span>
      ) : (
        <span key="l">
          {textOf(label.value)}, <Ago at={label.atMs} />
        </span>
      ),
    ],
    ["Id", <CopyableId key="i" id={predictionId} length={ID_SHOWN} />],
  ];
}

type Named = readonly (readonly [string, unknown])[];

/** What the request brought is told from what was joined to it by the names that its example has. */
function sidesOf(endpoint: ServingEndpoint, { inputs }: LoggedPrediction): { asked: Named; joined: Named } {
  const all = Object.entries(inputs);
  if (endpoint.input.kind === "direct") return { asked: all, joined: [] };
  const names = new Set(Object.keys(instancesOf(endpoint)[0] ?? {}));
  return {
    asked: all.filter(([name]) => names.has(name)),
    joined: all.filter(([name]) => !names.has(name)),
  };
}

function Values({ title, values }: { title: string; values: Named }) {
  return (
    <section className="card min-w-0">
      <h2 className="flex h-9 items-center gap-2 border-line border-b px-3">
        {title} <span className="nums font-normal text-ink-3 text-xs">{values.length}</span>
      </h2>
      <dl className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-x-4 gap-y-1 p-3">
        {values.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="truncate" title={name}>
              <code>{name}</code>
            </dt>
            <dd className="nums truncate text-right" title={JSON.stringify(value)}>
              {value === null ? <span className="text-ink-3">null</span> : textOf(value)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
