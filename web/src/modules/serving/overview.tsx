import type { ServingEndpoint } from "@atrium/contract/serving";
import { CodeBlock } from "../../lib/code.tsx";
import { Description } from "../../lib/description.tsx";
import { useUndoable } from "../../lib/fresh.ts";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { Canary } from "./canary.tsx";
import { Charts } from "./charts.tsx";
import { ColdStartCard } from "./cold-start-card.tsx";
import { SERVING_READS, updateEndpoint, useRevisions, useStats } from "./serving-api.ts";
import { SpanPicker } from "./span-picker.tsx";
import { TrafficCard } from "./traffic-card.tsx";

interface Shown {
  project: string;
  endpoint: ServingEndpoint;
}

/** Is it well, what changed, what to do next: the shares, the verdict, the numbers, who answered. */
export function Overview({ project, endpoint }: Shown) {
  if (endpoint.deployments.length === 0)
    return (
      <EmptyState
        title="Nothing is deployed to it yet"
        drawing="flow"
        action={
          <div className="w-full text-left">
            <CodeBlock
              code={`atrium deploy ${endpoint.name} --model models:/MODEL@ALIAS --project ${project}`}
              label="command"
            />
          </div>
        }
      >
        Deploy a model version above, or from the command line:
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="grid gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] xl:items-start">
        <div className="flex min-w-0 flex-col gap-4">
          <TrafficCard key={endpoint.revision} project={project} endpoint={endpoint} />
          <Words project={project} endpoint={endpoint} />
        </div>
        <Canary project={project} endpoint={endpoint} />
      </div>
      <Numbers project={project} endpoint={endpoint} />
    </div>
  );
}

function Numbers({ project, endpoint }: Shown) {
  const [url, setUrl] = useUrl();
  const { data, error, refetch } = useStats(project, endpoint.name, url);
  const { rows: revisions } = useRevisions(project, endpoint.name);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={4} />;
  const onRange = (range: readonly [number, number] | undefined) =>
    setUrl({ from: range && String(Math.round(range[0])), to: range && String(Math.round(range[1])) });
  return (
    <>
      <SpanPicker ranged={data} />
      <Charts ranged={data} revisions={revisions} onRange={onRange} />
      <ColdStartCard endpoint={endpoint} breakdown={data.stats.breakdown} />
    </>
  );
}

function Words({ project, endpoint }: Shown) {
  const { can } = useSession();
  const undoable = useUndoable(SERVING_READS);
  const describe = (description: string) =>
    updateEndpoint({ project, params: { endpoint: endpoint.name }, body: { description } });
  return (
    <Description
      text={endpoint.description}
      placeholder="What it answers, for whom, and whom to ask."
      onSave={
        can("endpoint:write")
          ? (text) =>
              undoable({
                act: () => describe(text),
                said: "Description changed",
                undo: () => describe(endpoint.description),
              })
          : undefined
      }
    />
  );
}
