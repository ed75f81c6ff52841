import type { ModelVersion } from "@atrium/contract/registry";
import type { RunSummary } from "@atrium/contract/tracking";
import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { OnlyDifferent, SideBySide, type SideGroup } from "../../lib/side-by-side.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { listOf, useUrl } from "../../lib/url.ts";
import { Status } from "../../lib/words.tsx";
import { differenceGroups, textLines } from "../tracking/run-differences.tsx";
import { useRunsById } from "../tracking/runs-api.ts";
import { AliasLabels } from "./aliases.tsx";
import { useVersionsByNumber } from "./registry-api.ts";

// As many as runs: more columns nobody can tell apart.
export const VERSIONS_COMPARED_MIN = 2;
export const VERSIONS_COMPARED_MAX = 20;

/** Versions of one model side by side, with the metrics and parameters of the runs they came from. */
export function VersionCompareScreen() {
  const project = useProject();
  const { model = "" } = useParams({ strict: false }) as { model?: string };
  const [url, setUrl] = useUrl();
  const numbers = useMemo(
    () =>
      listOf(url.versions)
        .map(Number)
        .filter((number) => Number.isInteger(number) && number > 0)
        .slice(0, VERSIONS_COMPARED_MAX),
    [url.versions],
  );
  const { versions, error, loading, retry } = useVersionsByNumber(project, model, numbers);
  const runIds = useMemo(() => [...new Set(versions.flatMap((version) => version.runId ?? []))], [versions]);
  const { runs } = useRunsById(project, runIds);
  const shown = url.all === "1" ? "all" : "only";
  if (error) return <ErrorState heading="h1" error={error} onRetry={retry} />;
  if (loading) return <Skeleton rows={10} />;
  return (
    <>
      <RoomHeader title={`Compare versions of ${model}`}>
        <Link className="button" to={`${paths.model(project, model)}?tab=versions`}>
          All versions
        </Link>
      </RoomHeader>
      {versions.length < VERSIONS_COMPARED_MIN ? (
        <EmptyState title="Pick at least two versions">Select them in the model's versions.</EmptyState>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto px-4 pb-4">
          <OnlyDifferent
            checked={shown}
            onChange={(value) => setUrl({ all: value === "all" ? "1" : undefined })}
          />
          <SideBySide
            heads={versions.map((version) => ({
              id: String(version.version),
              content: <Head project={project} version={version} />,
            }))}
            groups={groupsOf(project, { versions, runs }, shown)}
          />
        </div>
      )}
    </>
  );
}

function Head({ project, version }: { project: string; version: ModelVersion }) {
  return (
    <>
      <Link to={paths.modelVersion(project, version.name, version.version)} className="hover:underline">
        Version {version.version}
      </Link>
      <span className="mt-1 flex gap-2 font-normal text-ink-3 text-xs">
        <Status status={version.status} />
        <AliasLabels aliases={version.aliases} />
      </span>
    </>
  );
}

function groupsOf(
  project: string,
  { versions, runs }: { versions: readonly ModelVersion[]; runs: readonly RunSummary[] },
  shown: "only" | "all",
): SideGroup[] {
  const runOf = (version: ModelVersion) => runs.find((run) => run.id === version.runId);
  const [metrics, params] = differenceGroups(
    versions.map((version) => ({
      metrics: runOf(version)?.metrics ?? {},
      params: runOf(version)?.params ?? {},
      tags: {},
    })),
    shown,
  );
  const about = {
    title: "About",
    lines: [
      {
        name: "Run",
        cells: versions.map((version) =>
          version.runId ? (
            <Link className="link" to={paths.run(project, version.runId)}>
              {runOf(version)?.name ?? version.runId}
            </Link>
          ) : undefined,
        ),
      },
      ...textLines(
        versions.map((version) => ({
          Registered: formatTime(version.createdMs),
          By: version.createdBy,
          Stage: version.stage,
        })),
        shown,
      ),
    ],
  };
  const tags = textLines(
    versions.map((version) => version.tags),
    shown,
  );
  return [about, ...(metrics ? [metrics] : []), ...(params ? [params] : []), { title: "Tags", lines: tags }];
}
