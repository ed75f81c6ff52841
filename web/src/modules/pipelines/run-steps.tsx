import type { PipelineRun, PipelineStep } from "@atrium/contract/pipelines";
import { useMemo } from "react";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState } from "../../lib/states.tsx";
import { listOf, useUrl } from "../../lib/url.ts";
import { StepGraph } from "./step-graph.tsx";
import { StepPanel } from "./step-panel.tsx";
import { Timeline } from "./timeline.tsx";

// A drawing of more boxes says nothing at a glance: large loops begin folded.
const ITERATIONS_OPEN_MAX = 8;

/** The steps of a run as a graph or over time, with the chosen one opened beside them. */
export function RunSteps({
  project,
  run,
  steps,
  look,
}: {
  project: string;
  run: PipelineRun;
  steps: readonly PipelineStep[];
  look: "graph" | "timeline";
}) {
  const [url, setUrl] = useUrl();
  const folded = useMemo(
    () => (url.folded === undefined ? largeLoops(steps) : new Set(listOf(url.folded))),
    [url.folded, steps],
  );
  const onFold = (path: string) => {
    const next = new Set(folded);
    if (!next.delete(path)) next.add(path);
    // An empty list is a choice, too: everything is open, also what begins folded.
    setUrl({ folded: [...next].join(",") || "," });
  };
  const choose = (path: string) => setUrl({ step: path === url.step ? undefined : path });
  const chosen = steps.find((step) => step.path === url.step);
  if (steps.length === 0)
    return (
      <EmptyState title="It has no steps" drawing="flow">
        Its pipeline holds none.
      </EmptyState>
    );
  return (
    <>
      {look === "graph" ? (
        <StepGraph steps={steps} folded={folded} onFold={onFold} chosen={url.step} onChoose={choose} />
      ) : (
        <Timeline run={run} steps={steps} chosen={url.step} onChoose={choose} />
      )}
      {chosen && (
        <Peek title={chosen.name} onClose={() => setUrl({ step: undefined })}>
          <StepPanel key={chosen.path} project={project} run={run} step={chosen} />
        </Peek>
      )}
    </>
  );
}

function largeLoops(steps: readonly PipelineStep[]): ReadonlySet<string> {
  const inside = new Map<string, number>();
  for (const step of steps) inside.set(step.parent, (inside.get(step.parent) ?? 0) + 1);
  const large = steps.filter(
    (step) => step.kind === "loop" && (inside.get(step.path) ?? 0) > ITERATIONS_OPEN_MAX,
  );
  return new Set(large.map((step) => step.path));
}
