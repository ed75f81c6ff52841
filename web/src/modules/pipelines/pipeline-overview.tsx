import type { Pipeline, PipelineVersion } from "@atrium/contract/pipelines";
import { useState } from "react";
import { CodeBlock } from "../../lib/code.tsx";
import { CopyableId } from "../../lib/copy.tsx";
import { Facts } from "../../lib/page.tsx";
import { Peek } from "../../lib/peek.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { toggled } from "../../lib/table/selection.ts";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { textOf } from "./parameter-text.ts";
import { useVersion, useVersions } from "./pipelines-api.ts";
import { StepGraph } from "./step-graph.tsx";
import { kindWord } from "./step-words.ts";

const NONE: ReadonlySet<string> = new Set();

/** A version's graph as it will run, with what it asks for beside it. */
export function PipelineOverview({ project, pipeline }: { project: string; pipeline: Pipeline }) {
  const [url, setUrl] = useUrl();
  const [folded, setFolded] = useState(NONE);
  const versions = useVersions(project, pipeline.id);
  const chosen = versions.rows.find((one) => one.id === url.version) ?? versions.rows[0];
  const { data, error, refetch } = useVersion(project, { pipeline: pipeline.id, version: chosen?.id });
  if (versions.error) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (versions.isPending) return <Skeleton />;
  if (!chosen) return <EmptyState title="It has no version">Upload one from the menu above.</EmptyState>;
  const step = data?.graph.find((one) => one.path === url.step);
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-auto">
      <div className="flex min-h-64 min-w-0 flex-1 flex-col">
        {data ? (
          <StepGraph
            steps={data.graph}
            folded={folded}
            onFold={(path) => setFolded((now) => toggled(now, path))}
            chosen={url.step}
            onChoose={(path) => setUrl({ step: path === url.step ? undefined : path })}
          />
        ) : (
          <Skeleton />
        )}
      </div>
      <aside
        aria-label="Version"
        className="flex w-80 shrink-0 flex-col gap-4 overflow-auto border-line p-4 max-lg:w-full max-lg:overflow-visible max-lg:border-t lg:border-l"
      >
        {versions.rows.length > 1 && (
          <select
            className="field"
            aria-label="Version"
            value={chosen.id}
            onChange={(event) => setUrl({ version: event.target.value, step: undefined }, "push")}
          >
            {versions.rows.map((one) => (
              <option key={one.id} value={one.id}>
                {one.displayName || one.name}
              </option>
            ))}
          </select>
        )}
        <Asked version={chosen} />
        {data && (
          <details>
            <summary className="font-semibold">The file as it was uploaded</summary>
            <div className="mt-2 max-h-96 overflow-auto">
              <CodeBlock code={data.spec} label="spec" />
            </div>
          </details>
        )}
      </aside>
      {step && (
        <Peek title={step.name} onClose={() => setUrl({ step: undefined })}>
          <div className="p-4">
            <Facts
              items={[
                ["Kind", kindWord(step.kind)],
                ["Path", <code key="p">{step.path}</code>],
                ["Waits for", step.after.join(", ") || "nothing"],
                ...(step.condition ? [["Runs if", <code key="c">{step.condition}</code>] as const] : []),
              ]}
            />
          </div>
        </Peek>
      )}
    </div>
  );
}

function Asked({ version }: { version: PipelineVersion }) {
  return (
    <>
      <Facts
        items={[
          ["Uploaded", <Ago key="a" at={version.createdMs} />],
          ["By", version.createdBy],
          ["Digest", <CopyableId key="d" id={version.digest} />],
          ...(version.codeSource ? [["Source", version.codeSource] as const] : []),
        ]}
      />
      <section className="flex flex-col gap-1">
        <h2>Parameters</h2>
        {version.parameters.length === 0 && <p className="text-ink-3">It asks for none.</p>}
        <ul className="flex flex-col gap-1">
          {version.parameters.map((one) => (
            <li key={one.name} className="flex flex-wrap items-baseline gap-x-2">
              <code className="font-medium">{one.name}</code>
              <span className="text-ink-3 text-xs">{one.kind}</span>
              {one.default !== undefined && (
                <code className="ml-auto max-w-40 truncate" title={textOf(one.default, one.kind)}>
                  {textOf(one.default, one.kind) || '""'}
                </code>
              )}
              {one.required && <span className="ml-auto text-ink-3 text-xs">needed</span>}
              {one.description && <p className="w-full text-ink-2 text-xs">{one.description}</p>}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
