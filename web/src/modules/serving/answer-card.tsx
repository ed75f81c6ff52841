import type { PredictAnswer, ServingEndpoint } from "@atrium/contract/serving";
import { CopyableId } from "../../lib/copy.tsx";
import { formatDuration, formatNumber, formatShare } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Chain } from "./chain.tsx";
import { FeedbackForm } from "./feedback-form.tsx";
import { CohortWord, servedWords } from "./served-by.tsx";
import { Dot } from "./states.tsx";

const ID_SHOWN = 16;
const ROWS_SHOWN_MAX = 20;

interface Shown {
  project: string;
  endpoint: ServingEndpoint;
}

/** What was answered, by whom, for whom; the id leads to the log, and takes what came true. */
export function AnswerCard({
  project,
  endpoint,
  answer,
  tookMs,
}: Shown & { answer: PredictAnswer; tookMs: number }) {
  const shown = answer.predictions.slice(0, ROWS_SHOWN_MAX);
  return (
    <section aria-label="Answer" className="flex min-w-0 flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-3 text-ink-2">
        <span className="flex items-center gap-1.5">
          <Dot number={answer.deployment} /> deployment {answer.deployment}
        </span>
        <Link className="link" to={paths.modelVersion(project, answer.model.name, answer.model.version)}>
          {answer.model.name} v{answer.model.version}
        </Link>
        <span title="With the way to the server and back">{formatDuration(tookMs)}</span>
      </p>
      {shown.map((one) => (
        <Answer key={one.predictionId} project={project} endpoint={endpoint} one={one} />
      ))}
      {answer.predictions.length > shown.length && (
        <p className="text-ink-3">and {answer.predictions.length - shown.length} more</p>
      )}
    </section>
  );
}

function Answer({ project, endpoint, one }: Shown & { one: PredictAnswer["predictions"][number] }) {
  const { prediction, predictionId, servedBy, cohort, defaultedShare } = one;
  const joins = endpoint.input.kind === "entities";
  return (
    <div className="card flex flex-col gap-3 p-3">
      <PredictionValue value={prediction} />
      {joins && <Chain endpoint={endpoint} servedBy={servedBy} />}
      <Facts
        items={[
          ["Served by", servedWords(servedBy, endpoint.input.kind)],
          ["Cohort", <CohortWord key="c" cohort={cohort} />],
          ...(joins ? [["Defaults", `${formatShare(defaultedShare)} of the features`] as const] : []),
          [
            "Prediction",
            <span key="p" className="flex flex-wrap items-center gap-x-3">
              <CopyableId id={predictionId} length={ID_SHOWN} />
              <Link className="link" to={paths.prediction(project, endpoint.name, predictionId)}>
                in the log
              </Link>
            </span>,
          ],
        ]}
      />
      <FeedbackForm project={project} endpoint={endpoint.name} predictionId={predictionId} />
    </div>
  );
}

/** One number large; what has parts, whole. */
export function PredictionValue({ value }: { value: unknown }) {
  if (typeof value === "object" && value !== null)
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long answer scrolls, so the keyboard must reach it.
      <pre className="max-h-64 overflow-auto rounded-md bg-sunken p-2" tabIndex={0}>
        {JSON.stringify(value, null, 2)}
      </pre>
    );
  return (
    <p className="nums font-semibold text-lg" title={String(value)}>
      {typeof value === "number" ? formatNumber(value) : String(value)}
    </p>
  );
}
