import type { NotebookServer } from "@atrium/contract/notebooks";
import { useMemo } from "react";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import type { Column } from "../../lib/table/column.ts";
import { Table } from "../../lib/table/table.tsx";
import { Ago } from "../../lib/words.tsx";
import { useServers } from "./notebooks-api.ts";
import { ServerStatus } from "./server-status.tsx";

/** Everybody's Jupyter servers in the project. */
export function Servers({ project }: { project: string }) {
  const { rows, error, isPending, refetch } = useServers(project);
  const columns = useMemo(() => columnsOf(project), [project]);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  return (
    <Table
      name="notebook-servers"
      label="Jupyter servers"
      rows={rows}
      rowId={(server) => server.id}
      columns={columns}
      empty={
        <EmptyState title="Nobody has started a Jupyter server" command="atrium notebooks start">
          Everybody has a server of their own in a project. It starts when it is opened.
        </EmptyState>
      }
    />
  );
}

function columnsOf(project: string): Column<NotebookServer>[] {
  return [
    {
      id: "who",
      title: "Whose",
      width: 200,
      fixed: "first",
      text: (server) => server.userName,
      cell: (server) => <span className="font-medium">{server.userName}</span>,
    },
    {
      id: "state",
      title: "State",
      width: 110,
      usual: "shown",
      text: (server) => server.state,
      cell: (server) => <ServerStatus server={server} />,
    },
    {
      id: "kernels",
      title: "Kernels",
      width: 110,
      usual: "shown",
      align: "end",
      text: (server) => server.kernels,
      cell: ({ kernels, busyKernels }) => (
        <span className="nums">
          {kernels}
          {busyKernels > 0 && <span className="text-running">, {busyKernels} busy</span>}
        </span>
      ),
    },
    {
      id: "active",
      title: "Active",
      width: 110,
      usual: "shown",
      text: (server) => formatTime(server.activeMs),
      cell: (server) => <Ago at={server.activeMs} />,
    },
    {
      id: "started",
      title: "Started",
      width: 110,
      usual: "shown",
      text: (server) => formatTime(server.startedMs),
      cell: (server) => <Ago at={server.startedMs} />,
    },
    {
      id: "why",
      title: "Why it ended",
      width: 320,
      usual: "shown",
      text: (server) => server.reason,
      cell: (server) => server.reason ?? <span className="text-ink-3">–</span>,
    },
    {
      id: "job",
      title: "Log and limits",
      width: 120,
      usual: "shown",
      text: (server) => server.jobId,
      cell: (server) => (
        <Link className="link" to={paths.job(project, server.jobId)}>
          Its job
        </Link>
      ),
    },
  ];
}
