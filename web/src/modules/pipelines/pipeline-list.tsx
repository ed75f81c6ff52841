import type { Pipeline } from "@atrium/contract/pipelines";
import { useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { formatTime, plural } from "../../lib/format.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago } from "../../lib/words.tsx";
import { TokenCommand } from "../access/token-command.tsx";
import { usePipelineRuns, usePipelines } from "./pipelines-api.ts";
import { firstPipelineCode } from "./same-as-code.ts";
import { StateDots } from "./state-dots.tsx";

/** Pipelines with how their last runs went. */
export function PipelineList({ project }: { project: string }) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const text = url.text ?? "";
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = usePipelines(project, text);
  const runs = usePipelineRuns(project, {}).rows;
  const columns = useMemo((): Column<Pipeline>[] => {
    const runsOf = (one: Pipeline) => runs.filter((run) => run.pipelineId === one.id);
    return [
      {
        id: "name",
        title: "Pipeline",
        width: 260,
        fixed: "first",
        text: (one) => one.name,
        cell: (one) => (
          <Link to={paths.pipeline(project, one.id)} className="font-medium hover:underline">
            {one.displayName || one.name}
          </Link>
        ),
      },
      {
        id: "runs",
        title: "Last runs",
        width: 150,
        usual: "shown",
        text: (one) => runsOf(one).length,
        cell: (one) => <StateDots project={project} runs={runsOf(one)} />,
      },
      {
        id: "versions",
        title: "Versions",
        width: 90,
        usual: "shown",
        align: "end",
        text: (one) => one.versions,
        cell: (one) => <span className="nums">{one.versions}</span>,
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
        id: "created",
        title: "Created",
        width: 110,
        usual: "shown",
        text: (one) => formatTime(one.createdMs),
        cell: (one) => <Ago at={one.createdMs} />,
      },
      {
        id: "description",
        title: "Description",
        width: 320,
        usual: "shown",
        text: (one) => one.description,
        cell: (one) => <span title={one.description}>{one.description}</span>,
      },
    ];
  }, [project, runs]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  return (
    <>
      <search className="flex shrink-0 px-4 py-3">
        <input
          className="field !h-7 max-w-md"
          aria-label="Find a pipeline"
          placeholder="Part of its name"
          value={text}
          onChange={(event) => setUrl({ text: event.target.value || undefined })}
        />
      </search>
      <Table
        name="pipelines"
        label="Pipelines"
        rows={rows}
        rowId={(one) => one.id}
        columns={columns}
        onOpen={(one) => go(paths.pipeline(project, one.id))}
        onEndReached={onEndReached}
        empty={
          text ? (
            <EmptyState title="No pipeline of that name">Loosen the search.</EmptyState>
          ) : (
            <EmptyState
              title="No pipelines yet"
              drawing="flow"
              action={<TokenCommand command={(token) => firstPipelineCode(project, token)} />}
            >
              A pipeline is steps that wait for one another, compiled by the kfp client that you know. Upload
              its file, or do it from code:
            </EmptyState>
          )
        }
        footer={<span>{plural(rows.length, "pipeline")}</span>}
      />
    </>
  );
}
