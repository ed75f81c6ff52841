import type { Revision, ServingEndpoint } from "@atrium/contract/serving";
import { GitCommitHorizontal, Rocket, SlidersHorizontal, Undo2 } from "lucide-react";
import { useState } from "react";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { RollBackDialog, Routes } from "./roll-back-dialog.tsx";
import { useRevisions } from "./serving-api.ts";

const WHY = {
  deployed: { icon: Rocket, words: "A deployment took its share" },
  traffic: { icon: SlidersHorizontal, words: "Traffic divided" },
  "rolled-back": { icon: Undo2, words: "Rolled back" },
} as const;

interface Shown {
  project: string;
  endpoint: ServingEndpoint;
}

/** Every routing that there was, with who made it and when; one click goes back to it. */
export function History({ project, endpoint }: Shown) {
  const { rows, data, error, refetch, hasNextPage, fetchNextPage } = useRevisions(project, endpoint.name);
  const [to, setTo] = useState<Revision | undefined>();
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  if (rows.length === 0)
    return (
      <EmptyState title="It has not routed to anything yet">
        The first deployment that gets ready makes revision 1.
      </EmptyState>
    );
  return (
    <>
      <ol className="flex flex-col p-4" aria-label="Revisions">
        {rows.map((revision) => (
          <Step
            key={revision.number}
            project={project}
            endpoint={endpoint}
            revision={revision}
            onBack={setTo}
          />
        ))}
        {hasNextPage && (
          <li className="pt-2">
            <button type="button" className="button" onClick={() => void fetchNextPage()}>
              Show earlier
            </button>
          </li>
        )}
      </ol>
      {to && (
        <RollBackDialog project={project} endpoint={endpoint} to={to} onClose={() => setTo(undefined)} />
      )}
    </>
  );
}

function Step({
  project,
  endpoint,
  revision,
  onBack,
}: Shown & { revision: Revision; onBack: (revision: Revision) => void }) {
  const { number, why, atMs, by, routes } = revision;
  const { icon: Icon, words } = WHY[why] ?? { icon: GitCommitHorizontal, words: why };
  const isCurrent = number === endpoint.revision;
  return (
    <li
      aria-current={isCurrent ? "true" : undefined}
      className={`grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 border-line border-b py-3 sm:grid-cols-[auto_12rem_minmax(0,1fr)_auto] ${isCurrent ? "bg-accent-soft px-2" : "px-2"}`}
    >
      <Icon size={16} className="mt-0.5 text-ink-3" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">
          Revision {number} {isCurrent && <span className="font-normal text-ink-2">· now</span>}
        </p>
        <p className="text-ink-2 text-xs">{words}</p>
        <p className="text-ink-3 text-xs">
          {by}, <Ago at={atMs} />
        </p>
      </div>
      <div className="col-start-2 mt-2 min-w-0 sm:col-start-3 sm:mt-1">
        <Routes project={project} routes={routes} />
      </div>
      {!isCurrent && (
        <div className="col-start-2 mt-2 sm:col-start-4 sm:mt-0">
          <WayBack endpoint={endpoint} revision={revision} onBack={onBack} />
        </div>
      )}
    </li>
  );
}

/** Back at once while all its deployments stand; else the way is to deploy the model again. */
function WayBack({
  endpoint,
  revision,
  onBack,
}: {
  endpoint: ServingEndpoint;
  revision: Revision;
  onBack: (revision: Revision) => void;
}) {
  const { can } = useSession();
  const [, setUrl] = useUrl();
  if (!can("endpoint:write")) return null;
  const ended = revision.routes.find(
    ({ deployment }) => !endpoint.deployments.some(({ id, state }) => id === deployment && state === "ready"),
  );
  if (ended === undefined)
    return (
      <button type="button" className="button" onClick={() => onBack(revision)}>
        <Undo2 size={14} /> Roll back to it
      </button>
    );
  return (
    <button
      type="button"
      className="button"
      title={`Deployment ${ended.number} has ended`}
      onClick={() =>
        setUrl({ over: "deploy", model: ended.model.name, version: String(ended.model.version) })
      }
    >
      <Rocket size={14} /> Deploy it again
    </button>
  );
}
