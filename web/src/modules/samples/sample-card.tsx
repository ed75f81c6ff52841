import type { SampleProgress } from "@atrium/contract/samples";
import { RotateCw, Sparkles, X } from "lucide-react";
import { curlOf } from "../../lib/code.tsx";
import { formatDuration } from "../../lib/format.ts";
import { useFresh } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { useStored } from "../../lib/stored.ts";
import { useNow } from "../../lib/words.tsx";
import { TokenCommand } from "../access/token-command.tsx";
import { retrySample, SAMPLE_READS, useExample, useSample } from "./samples-api.ts";
import { StepLine } from "./step-line.tsx";

// By then whoever wanted to look has looked.
const DONE_SHOWN_MS = 24 * 3_600_000;

/** The sample project as it builds itself; gone once it is done and put away, or a day later. */
export function SampleCard({ project }: { project: string }) {
  const { data: sample } = useSample(project);
  const [put, setPut] = useStored<"here" | "away">(`sample.${project}`, "here");
  const now = useNow();
  if (!sample || sample.state === "absent" || put === "away") return null;
  const endedMs = Math.max(0, ...sample.steps.map((step) => step.endedMs ?? 0));
  if (sample.state === "done" && now - endedMs > DONE_SHOWN_MS) return null;
  return <Card project={project} sample={sample} onAway={() => setPut("away")} />;
}

function Card({ project, sample, onAway }: { project: string; sample: SampleProgress; onAway: () => void }) {
  const { can } = useSession();
  const fresh = useFresh(SAMPLE_READS);
  const done = sample.steps.filter((step) => step.state === "done").length;
  const retry = () => void fresh(() => retrySample({ project })).catch(() => undefined);
  return (
    <section aria-label="Sample project" className="card">
      <header className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-3 py-1.5">
        <h2 className="flex items-center gap-2">
          <Sparkles size={14} aria-hidden /> Sample project: flights
        </h2>
        <span className="text-ink-2">{wordsOf(sample, done)}</span>
        <span className="ml-auto flex items-center gap-1">
          {sample.state === "failed" && can("project:write") && (
            <button type="button" className="button" onClick={retry}>
              <RotateCw size={14} /> Try the step again
            </button>
          )}
          <button
            type="button"
            className="button button-plain button-icon"
            aria-label="Put the sample's card away"
            onClick={onAway}
          >
            <X size={16} />
          </button>
        </span>
      </header>
      <Bar steps={sample.steps} />
      <ol>
        {sample.steps.map((step) => (
          <StepLine key={step.name} project={project} step={step} />
        ))}
      </ol>
      {sample.state === "done" && <Closing project={project} sample={sample} />}
    </section>
  );
}

function Bar({ steps }: { steps: SampleProgress["steps"] }) {
  const colours = { done: "bg-good", running: "bg-running breathe", failed: "bg-bad", waiting: "bg-hover" };
  return (
    <div className="flex h-1 gap-0.5" aria-hidden>
      {steps.map((step) => (
        <span key={step.name} className={`flex-1 ${colours[step.state]}`} />
      ))}
    </div>
  );
}

/** The request that the whole of it was for. */
function Closing({ project, sample }: { project: string; sample: SampleProgress }) {
  const { can } = useSession();
  const endpoint = sample.steps.find((step) => step.leadsTo.kind === "endpoint")?.leadsTo.name;
  const example = useExample(project, can("endpoint:read") ? endpoint : undefined);
  if (endpoint === undefined || example === undefined) return null;
  const path = `/p/${encodeURIComponent(project)}/serving/${encodeURIComponent(endpoint)}/predict`;
  return (
    <div className="flex flex-col gap-2 border-line border-t p-3">
      <p className="text-ink-2">Ask the endpoint from anywhere; features are joined inside it.</p>
      <TokenCommand command={(token) => curlOf(path, "POST", example).replace("$ATRIUM_TOKEN", token)} />
    </div>
  );
}

function wordsOf({ state, steps }: SampleProgress, done: number): string {
  const of = `${done} of ${steps.length} steps`;
  if (state !== "done") return state === "failed" ? `${of}, one failed` : of;
  const begun = Math.min(...steps.map((step) => step.startedMs ?? Number.POSITIVE_INFINITY));
  const ended = Math.max(...steps.map((step) => step.endedMs ?? 0));
  return Number.isFinite(begun) ? `done in ${formatDuration(ended - begun)}` : "done";
}
