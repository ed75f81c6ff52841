import type { ServedBy, ServingEndpoint } from "@atrium/contract/serving";
import { ArrowRight } from "lucide-react";
import { Fragment } from "react";
import { SERVED_BY } from "./served-by.tsx";

/** The way that a question took: the model, then the chain, up to the step that answered. */
export function Chain({ endpoint, servedBy }: { endpoint: ServingEndpoint; servedBy: ServedBy }) {
  const chain = endpoint.input.kind === "entities" ? (endpoint.input.coldStart?.chain ?? []) : [];
  const steps: ServedBy[] = ["model", ...chain.map(({ kind }) => kind)];
  const shown = steps.includes(servedBy) ? steps : [...steps, servedBy];
  const answered = shown.indexOf(servedBy);
  return (
    <ol className="flex flex-wrap items-center gap-1" aria-label="Who answered">
      {shown.map((step, at) => (
        <Fragment key={`${step}${at}`}>
          {at > 0 && (
            <li aria-hidden>
              <ArrowRight size={12} className="text-ink-3" />
            </li>
          )}
          <li
            aria-current={at === answered ? "step" : undefined}
            title={at < answered ? "Passed on" : at === answered ? SERVED_BY[step].says : "Not needed"}
            className={`rounded border px-2 py-0.5 ${
              at === answered
                ? "border-accent bg-accent-soft font-medium"
                : at < answered
                  ? "border-line text-ink-3 line-through"
                  : "border-line text-ink-3"
            }`}
          >
            {SERVED_BY[step].title}
          </li>
        </Fragment>
      ))}
    </ol>
  );
}
