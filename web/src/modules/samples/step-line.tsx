import type { SamplePlace, SampleStep } from "@atrium/contract/samples";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Elapsed, Status } from "../../lib/words.tsx";

const WORDS: Record<SampleStep["state"], string> = {
  waiting: "Waiting",
  running: "Running",
  done: "Done",
  failed: "Failed",
};
const LEADS: Record<SamplePlace["kind"], string> = {
  dataset: "the dataset",
  "feature-service": "the feature service",
  pipeline: "the pipeline",
  endpoint: "the endpoint",
  monitor: "the monitor",
  notebook: "the notebook",
};

/** One step of the sample: how it stands, what came of it, how long it took, and where that is. */
export function StepLine({ project, step }: { project: string; step: SampleStep }) {
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-0.5 border-line border-b px-3 py-1.5 last:border-0">
      <span className="w-full shrink-0 sm:w-20">
        <Status status={step.state === "done" ? "succeeded" : step.state} word={WORDS[step.state]} />
      </span>
      <span className="font-medium max-sm:basis-full">{step.title}</span>
      <span
        className={`min-w-0 flex-1 basis-60 break-words max-sm:order-last max-sm:basis-full ${step.state === "failed" ? "text-bad" : "text-ink-2"}`}
      >
        {step.note}
      </span>
      {step.startedMs !== undefined && step.state !== "failed" && (
        <span className="text-ink-3">
          <Elapsed from={step.startedMs} to={step.endedMs} />
        </span>
      )}
      <span className="shrink-0 whitespace-nowrap sm:w-40 sm:text-right">
        {step.state === "done" && (
          <Link to={pageOfPlace(project, step.leadsTo)} className="link">
            See {LEADS[step.leadsTo.kind]}
          </Link>
        )}
      </span>
    </li>
  );
}

function pageOfPlace(project: string, { kind, name }: SamplePlace): string {
  const pages: Record<SamplePlace["kind"], string> = {
    dataset: paths.dataset(project, name),
    "feature-service": paths.featureService(project, name),
    // Pipelines are found by a number; their list narrows to a name.
    pipeline: `${paths.pipelines(project)}?text=${encodeURIComponent(name)}`,
    endpoint: paths.endpoint(project, name),
    monitor: paths.monitor(project, name),
    notebook: paths.notebook(project, name),
  };
  return pages[kind];
}
