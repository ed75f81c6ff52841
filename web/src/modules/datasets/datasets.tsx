import type { Dataset } from "@atrium/contract/datasets";
import { Search } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useMore } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { useShortcuts } from "../../lib/keys.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { Peek } from "../../lib/peek.tsx";
import { useProject } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Column, visibleColumns } from "../../lib/table/column.ts";
import { ColumnChooser, useChosenColumns } from "../../lib/table/column-chooser.tsx";
import { RowsFooter } from "../../lib/table/rows-footer.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { datasetColumns } from "./dataset-columns.tsx";
import { DatasetPeek } from "./dataset-peek.tsx";
import { useDatasets } from "./datasets-api.ts";
import { datasetsCode, firstDatasetCode } from "./same-as-code.ts";

/** The project's data: what there is, how it is, who answers for it. */
export function DatasetsScreen() {
  const project = useProject();
  const [url, setUrl] = useUrl();
  const [over, setOver] = useState<"code" | "none">("none");
  const search = url.search ?? "";
  const certified = url.certified === "true" ? ("true" as const) : undefined;
  const columns = useMemo(() => datasetColumns(project), [project]);
  const chosen = useChosenColumns();
  return (
    <>
      <RoomHeader title="Datasets">
        <MoreMenu items={[{ title: "Copy as code", run: () => setOver("code") }]} />
      </RoomHeader>
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3">
        <SearchBox value={search} onSearch={(text) => setUrl({ search: text || undefined })} />
        <label className="flex items-center gap-2 whitespace-nowrap">
          <input
            type="checkbox"
            className="accent-(--accent)"
            checked={certified !== undefined}
            onChange={(event) => setUrl({ certified: event.target.checked ? "true" : undefined })}
          />
          Certified
        </label>
        <ColumnChooser columns={columns} />
      </div>
      <DatasetList
        project={project}
        search={search}
        certified={certified}
        columns={columns}
        chosen={chosen}
      />
      {url.peek && (
        <Peek
          title={url.peek}
          to={paths.dataset(project, url.peek)}
          onClose={() => setUrl({ peek: undefined })}
        >
          <DatasetPeek project={project} name={url.peek} />
        </Peek>
      )}
      {over === "code" && <CodeDialog code={datasetsCode(project, search)} onClose={() => setOver("none")} />}
    </>
  );
}

function DatasetList({
  project,
  search,
  certified,
  columns,
  chosen,
}: {
  project: string;
  search: string;
  certified: "true" | undefined;
  columns: readonly Column<Dataset>[];
  chosen: readonly string[];
}) {
  const go = useGo();
  const [url, setUrl] = useUrl();
  const pages = useDatasets(project, { search, certified });
  const { rows, error, isPending, hasNextPage, fetchNextPage, refetch } = pages;
  const onEndReached = useMore({ hasNextPage, fetchNextPage });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton rows={8} />;
  return (
    <Table
      name="datasets"
      label="Datasets"
      rows={rows}
      rowId={({ name }) => name}
      columns={columns}
      chosen={chosen}
      active={url.peek}
      onActivate={({ name }) => setUrl({ peek: name })}
      onOpen={({ name }) => go(paths.dataset(project, name))}
      onEndReached={onEndReached}
      empty={search || certified ? <NoMatch /> : <NoDatasets project={project} />}
      footer={
        <RowsFooter
          noun="dataset"
          rows={rows}
          hasMore={hasNextPage}
          columns={visibleColumns(columns, chosen, "wide")}
        />
      }
    />
  );
}

function NoMatch() {
  return <EmptyState title="No dataset matches">Search for fewer words.</EmptyState>;
}

function NoDatasets({ project }: { project: string }) {
  return (
    <EmptyState
      title="No datasets yet"
      action={<TokenCommand command={(token) => firstDatasetCode(project, token)} />}
    >
      A dataset is a name under which versions of a table are counted; each version is profiled and checked
      when it comes, and can be certified.
    </EmptyState>
  );
}

const TYPING_MS = 250; // A search a pause, not a letter.

/** Searches as one types; the words are in the address. */
function SearchBox({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "/", does: "Search", where: "Tables", run: () => input.current?.focus() }]);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onSearch(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  return (
    <div className="relative min-w-48 flex-1">
      <Search size={14} aria-hidden className="absolute top-2.5 left-2.5 text-ink-3" />
      <input
        ref={input}
        type="search"
        className="field !pl-8"
        aria-label="Search"
        placeholder="Words in names, descriptions, owners and tags"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
