import type { Pipeline, PipelineVersion } from "@atrium/contract/pipelines";
import { CopyableId } from "../../lib/copy.tsx";
import { formatTime, plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { Ago } from "../../lib/words.tsx";
import { useVersions } from "./pipelines-api.ts";

function versionColumns(project: string): Column<PipelineVersion>[] {
  return [
    {
      id: "name",
      title: "Version",
      width: 240,
      fixed: "first",
      text: (one) => one.name,
      cell: (one) => (
        <Link
          to={`${paths.pipeline(project, one.pipelineId)}?version=${one.id}`}
          className="font-medium hover:underline"
        >
          {one.displayName || one.name}
        </Link>
      ),
    },
    {
      id: "parameters",
      title: "Parameters",
      width: 260,
      usual: "shown",
      text: (one) => one.parameters.map((parameter) => parameter.name).join(", "),
      cell: (one) => <code>{one.parameters.map((parameter) => parameter.name).join(", ") || "none"}</code>,
    },
    {
      id: "created",
      title: "Uploaded",
      width: 110,
      usual: "shown",
      text: (one) => formatTime(one.createdMs),
      cell: (one) => <Ago at={one.createdMs} />,
    },
    {
      id: "by",
      title: "By",
      width: 130,
      usual: "shown",
      text: (one) => one.createdBy,
      cell: (one) => one.createdBy,
    },
    {
      id: "digest",
      title: "Digest",
      width: 150,
      usual: "shown",
      text: (one) => one.digest,
      cell: (one) => <CopyableId id={one.digest} />,
    },
    {
      id: "source",
      title: "Source",
      width: 220,
      text: (one) => one.codeSource,
      cell: (one) => one.codeSource,
    },
  ];
}

/** Versions of a pipeline, the newest first. */
export function Versions({ project, pipeline }: { project: string; pipeline: Pipeline }) {
  const { rows, error, isPending, refetch } = useVersions(project, pipeline.id);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <Table
      name="pipeline-versions"
      label="Versions"
      rows={rows}
      rowId={(one) => one.id}
      columns={versionColumns(project)}
      empty={<EmptyState title="It has no version">Upload one from the menu above.</EmptyState>}
      footer={<span>{plural(rows.length, "version")}</span>}
    />
  );
}
