import type { NotebookFile } from "@atrium/contract/notebooks";
import { ExternalLink, File, NotebookText } from "lucide-react";
import { useMemo } from "react";
import { useMore } from "../../lib/api.ts";
import { formatTime } from "../../lib/format.ts";
import { Link, useGo } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Column, visibleColumns } from "../../lib/table/column.ts";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago, Bytes } from "../../lib/words.tsx";
import { useFiles } from "./notebooks-api.ts";

/** Every notebook of the project and the files beside them, by path. */
export function Files({ project }: { project: string }) {
  const go = useGo();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const search = url.search ?? "";
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = useFiles(project);
  const writes = can("notebook:write");
  const columns = useMemo(() => columnsOf(project, writes ? "writer" : "reader"), [project, writes]);
  const found = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return wanted === "" ? rows : rows.filter(({ path }) => path.toLowerCase().includes(wanted));
  }, [rows, search]);
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  return (
    <>
      <div className="flex shrink-0 px-4 py-3">
        <input
          type="search"
          className="field !h-7 max-w-80"
          aria-label="Filter"
          placeholder="Filter by path"
          value={search}
          onChange={(event) => setUrl({ search: event.target.value || undefined })}
        />
      </div>
      <Table
        name="notebooks"
        label="Notebooks"
        rows={found}
        rowId={(file) => file.path}
        columns={columns}
        onOpen={(file) => go(paths.notebook(project, file.path))}
        onEndReached={onEndReached}
        empty={
          search ? (
            <EmptyState title="No path holds these letters">Change or empty the filter.</EmptyState>
          ) : (
            <EmptyState title="No notebooks yet" command="atrium notebooks start">
              Start one above, or open JupyterLab and write there: what is saved in it is kept here, each save
              as a version.
            </EmptyState>
          )
        }
        footer={
          <RowsFooter
            noun="file"
            rows={found}
            hasMore={hasNextPage}
            columns={visibleColumns(columns, [], "wide")}
          />
        }
      />
    </>
  );
}

function columnsOf(project: string, who: "reader" | "writer"): Column<NotebookFile>[] {
  return [
    {
      id: "path",
      title: "File",
      width: 380,
      fixed: "first",
      text: (file) => file.path,
      cell: (file) => <Path project={project} file={file} />,
    },
    {
      id: "saved",
      title: "Saved",
      width: 110,
      usual: "shown",
      text: (file) => formatTime(file.modifiedMs),
      cell: (file) => <Ago at={file.modifiedMs} />,
    },
    {
      id: "by",
      title: "By",
      width: 150,
      usual: "shown",
      text: (file) => file.modifiedBy,
      cell: (file) => file.modifiedBy,
    },
    {
      id: "version",
      title: "Versions",
      width: 90,
      usual: "shown",
      align: "end",
      text: (file) => file.version,
      cell: (file) => (
        <Link className="nums hover:underline" to={`${paths.notebook(project, file.path)}&tab=versions`}>
          {file.version}
        </Link>
      ),
    },
    {
      id: "size",
      title: "Size",
      width: 90,
      usual: "shown",
      align: "end",
      text: (file) => file.sizeBytes,
      cell: (file) => <Bytes value={file.sizeBytes} />,
    },
    ...(who === "writer" ? [openColumn(project)] : []),
  ];
}

function openColumn(project: string): Column<NotebookFile> {
  return {
    id: "open",
    title: "",
    width: 90,
    usual: "shown",
    text: () => null,
    cell: ({ kind, path }) =>
      kind === "notebook" && (
        <a
          className="link inline-flex items-center gap-1"
          href={paths.openNotebook(project, path)}
          target="_blank"
          rel="noreferrer"
          aria-label={`Open ${path} in JupyterLab`}
          title="Open in JupyterLab"
        >
          <ExternalLink size={14} aria-hidden /> Open
        </a>
      ),
  };
}

/** The folders of a path in grey, its name in ink. */
function Path({ project, file: { path, kind } }: { project: string; file: NotebookFile }) {
  const at = path.lastIndexOf("/") + 1;
  const Icon = kind === "notebook" ? NotebookText : File;
  return (
    <Link to={paths.notebook(project, path)} className="inline-flex max-w-full items-center gap-2">
      <Icon size={14} className="shrink-0 text-ink-3" aria-hidden />
      <span className="truncate">
        <span className="text-ink-3">{path.slice(0, at)}</span>
        <span className="font-medium hover:underline">{path.slice(at)}</span>
      </span>
    </Link>
  );
}
