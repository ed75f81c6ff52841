import { useState } from "react";
import { Link } from "../../lib/link.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { useDataset, useDatasets, useProfile } from "../datasets/datasets-api.ts";
import { useTrainingSets } from "../feature-store/features-api.ts";
import { draftOfDataset, draftOfEndpoint } from "./monitor-draft.ts";
import { useEndpoint, useEndpointNames } from "./monitoring-api.ts";
import { NewMonitorForm } from "./new-monitor-form.tsx";

/** Choose what to watch; the rest is proposed from what is known of it. */
export function NewMonitorScreen() {
  const project = useProject();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const endpoints = useEndpointNames(project, can("endpoint:read") ? "read" : "wait");
  const datasets = useDatasets(project, { search: "" });
  // A name from a link that is beyond the first page is still one to choose.
  const names = (all: readonly string[], chosen: string | undefined) =>
    chosen !== undefined && !all.includes(chosen) ? [chosen, ...all] : all;
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <RoomHeader title="New monitor">
        <Link to={paths.monitoring(project)} className="button">
          Cancel
        </Link>
      </RoomHeader>
      <div className="flex max-w-4xl flex-col gap-4 px-4 pb-8">
        <label className="flex max-w-md flex-col gap-1">
          <span className="font-medium">What to watch</span>
          <select
            className="field"
            value={chosenOf(url)}
            onChange={(event) => {
              const [kind, ...name] = event.target.value.split(":");
              setUrl({ endpoint: undefined, dataset: undefined, [kind ?? ""]: name.join(":") || undefined });
            }}
          >
            <option value="">Choose an endpoint or a dataset</option>
            <optgroup label="Endpoints: what they are asked and answer">
              {names(endpoints, url.endpoint).map((name) => (
                <option key={name} value={`endpoint:${name}`}>
                  {name}
                </option>
              ))}
            </optgroup>
            <optgroup label="Datasets: rows by their time">
              {names(
                datasets.rows.map(({ name }) => name),
                url.dataset,
              ).map((name) => (
                <option key={name} value={`dataset:${name}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          </select>
        </label>
        {url.endpoint && <OfEndpoint key={url.endpoint} project={project} name={url.endpoint} />}
        {url.dataset && <OfDataset key={url.dataset} project={project} name={url.dataset} />}
        {!url.endpoint && !url.dataset && (
          <EmptyState title="An endpoint, or a dataset with a column of times" drawing="chart">
            Of an endpoint its answered requests are watched, known and new entities apart; labels come later
            by prediction id. Of a dataset the newest version's rows are cut into windows by their time.
          </EmptyState>
        )}
      </div>
    </div>
  );
}

function chosenOf({ endpoint, dataset }: { endpoint?: string | undefined; dataset?: string | undefined }) {
  if (endpoint) return `endpoint:${endpoint}`;
  return dataset ? `dataset:${dataset}` : "";
}

function OfEndpoint({ project, name }: { project: string; name: string }) {
  const { data: endpoint, error, refetch } = useEndpoint(project, name);
  const sets = useTrainingSets(project);
  const [nowMs] = useState(() => Date.now());
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!endpoint || sets.isPending) return <Skeleton rows={6} />;
  if (endpoint.deployments.length === 0)
    return (
      <EmptyState title={`${name} serves no model yet`} drawing="flow">
        Deploy a model first: what it takes and answers is what is watched.
      </EmptyState>
    );
  const draft = draftOfEndpoint(endpoint, { trainingSets: sets.rows, nowMs });
  return <NewMonitorForm project={project} start={draft} />;
}

function OfDataset({ project, name }: { project: string; name: string }) {
  const { data: dataset, error, refetch } = useDataset(project, name);
  const version = dataset?.latest?.version ?? 0;
  const isReady = dataset?.latest?.state === "ready";
  const at = { project, dataset: name, version };
  const profile = useProfile(at, isReady ? "ready" : "wait");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (profile.error) return <ErrorState error={profile.error} onRetry={() => void profile.refetch()} />;
  if (dataset && !isReady)
    return <EmptyState title={`${name} has no version that is ready`}>Upload one first.</EmptyState>;
  if (!dataset || !profile.data) return <Skeleton rows={6} />;
  const draft = draftOfDataset(dataset, profile.data);
  if (!draft)
    return (
      <EmptyState title={`No column of ${name} holds a row's time`}>
        Windows need one: a timestamp, a date, or milliseconds in a column named like a time.
      </EmptyState>
    );
  return <NewMonitorForm project={project} start={draft} />;
}
