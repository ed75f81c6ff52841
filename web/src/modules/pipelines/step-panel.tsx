import type { PipelineRun, PipelineStep, StepArtifact, StepValues } from "@atrium/contract/pipelines";
import { FileBox } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { CopyableId } from "../../lib/copy.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { Link } from "../../lib/link.tsx";
import { Facts } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { Ago, Elapsed } from "../../lib/words.tsx";
import { StepStatus } from "./step-status.tsx";
import { kindWord } from "./step-words.ts";
import { Values } from "./values.tsx";

const JobLogView = lazy(() =>
  import("../compute/job-log-view.tsx").then((module) => ({ default: module.JobLogView })),
);
const ArtifactLook = lazy(() =>
  import("../artifacts/artifacts.tsx").then((module) => ({ default: module.ArtifactLook })),
);

/** One step: how it went and why, what it was given, what it made, what it printed. */
export function StepPanel({ project, run, step }: { project: string; run: PipelineRun; step: PipelineStep }) {
  const { can } = useSession();
  return (
    <div className="flex min-h-full flex-col">
      <div className="flex flex-col gap-4 p-4">
        {step.reason && (
          <pre
            className={`whitespace-pre-wrap break-words rounded-md px-3 py-2 ${step.state === "failed" ? "bg-bad-soft text-bad" : "bg-sunken"}`}
          >
            {step.reason}
          </pre>
        )}
        <StepFacts project={project} run={run} step={step} />
        <Given project={project} title="Inputs" values={step.inputs} />
        <Given project={project} title="Outputs" values={step.outputs} />
      </div>
      {step.jobId && can("job:read") && (
        <Suspense>
          <h2 className="px-4">Log</h2>
          <div className="flex h-80 flex-col">
            <JobLogView key={`${step.jobId} ${step.state}`} project={project} job={step.jobId} />
          </div>
        </Suspense>
      )}
    </div>
  );
}

function StepFacts({ project, run, step }: { project: string; run: PipelineRun; step: PipelineStep }) {
  const cached = step.cachedFrom;
  return (
    <Facts
      items={[
        ["State", <StepStatus key="s" state={step.state} />],
        ["Kind", kindWord(step.kind)],
        ["Path", <code key="p">{step.path}</code>],
        ...(step.attempt > 0 ? [["Attempt", step.attempt] as const] : []),
        ...(step.startedMs === undefined
          ? []
          : ([
              ["Began", <Ago key="a" at={step.startedMs} />],
              ["Took", <Elapsed key="e" from={step.startedMs} to={step.endedMs} />],
            ] as const)),
        ...(step.condition ? [["Runs if", <code key="c">{step.condition}</code>] as const] : []),
        ...(cached
          ? [
              [
                "Cached from",
                <Link key="f" className="link" to={paths.pipelineStep(project, cached.runId, cached.path)}>
                  {cached.runId === run.id ? cached.path : `${cached.path} of another run`}
                </Link>,
              ] as const,
            ]
          : []),
        ...(step.jobId
          ? [
              [
                "Job",
                <span key="j" className="inline-flex items-center gap-2">
                  <Link className="link" to={paths.job(project, step.jobId)}>
                    Open
                  </Link>
                  <CopyableId id={step.jobId} />
                </span>,
              ] as const,
            ]
          : []),
      ]}
    />
  );
}

function Given({
  project,
  title,
  values,
}: {
  project: string;
  title: string;
  values: StepValues | undefined;
}) {
  if (!values) return null;
  const artifacts = Object.entries(values.artifacts).flatMap(([name, list]) =>
    list.map((artifact) => ({ name, artifact })),
  );
  if (Object.keys(values.parameters).length === 0 && artifacts.length === 0) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2>{title}</h2>
      <Values values={values.parameters} />
      {artifacts.length > 0 && (
        <ul className="flex flex-col gap-2">
          {artifacts.map(({ name, artifact }) => (
            <li key={`${name} ${artifact.uri}`}>
              <ArtifactCard project={project} name={name} artifact={artifact} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function ArtifactCard({
  project,
  name,
  artifact,
}: {
  project: string;
  name: string;
  artifact: StepArtifact;
}) {
  const [look, setLook] = useState<"open" | "closed">("closed");
  const { path } = artifact;
  return (
    <div className="card flex flex-col gap-2 p-2">
      <div className="flex flex-wrap items-center gap-2">
        <FileBox size={14} className="shrink-0 text-ink-3" aria-hidden />
        {path ? (
          <button type="button" className="link font-medium" onClick={() => setLook("open")}>
            {name}
          </button>
        ) : (
          <span className="font-medium">{name}</span>
        )}
        <span className="text-ink-3 text-xs">{artifact.type.replace("system.", "")}</span>
        {!path && <code className="break-all text-ink-3">{artifact.uri}</code>}
      </div>
      {Object.keys(artifact.metadata).length > 0 && <Values values={artifact.metadata} />}
      {look === "open" && path && (
        <Dialog title={name} wide="wide" onClose={() => setLook("closed")}>
          <div className="flex max-h-[70vh] min-h-40 flex-col">
            <Suspense>
              <ArtifactLook project={project} path={path} />
            </Suspense>
          </div>
        </Dialog>
      )}
    </div>
  );
}
