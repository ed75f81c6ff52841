import type { ArtifactEntry, artifactsApi } from "@atrium/contract/artifacts";
import { ChevronRight, Download, File, Folder } from "lucide-react";
import { Fragment, useState } from "react";
import { type Answer, addressOf, operation, useApi, usePages } from "../../lib/api.ts";
import { CopyButton } from "../../lib/copy.tsx";
import { SafePage } from "../../lib/safe-page.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { Bytes } from "../../lib/words.tsx";

const list = operation<(typeof artifactsApi)["list"]>("GET /artifacts");
const preview = operation<(typeof artifactsApi)["preview"]>("GET /artifacts/preview");

/** The files a run left behind: folders on the left, a look inside on the right. `root` is where they begin. */
export function Artifacts({ project, root }: { project: string; root: string }) {
  const [url, setUrl] = useUrl();
  const folder = url.folder ?? "";
  const file = url.file;
  const pages = usePages(list, { project, query: { path: join(root, folder) } });
  const entries = pages.data?.pages.flatMap((page) => page.items) ?? [];
  if (pages.error) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (pages.isPending) return <Skeleton />;
  if (entries.length === 0 && folder === "") {
    return (
      <EmptyState title="No artifacts" command={'mlflow.log_artifact("report.html")'}>
        Files that the run logs appear here: models, plots, tables, reports.
      </EmptyState>
    );
  }
  return (
    <div className="grid min-h-0 flex-1 max-md:grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[minmax(220px,320px)_minmax(0,1fr)]">
      <div className="overflow-auto border-line p-2 max-md:max-h-60 max-md:border-b md:border-r">
        <Trail folder={folder} onGo={(path) => setUrl({ folder: path || undefined })} />
        <ul>
          {entries.map((entry) => {
            const path = join(folder, entry.name);
            return (
              <li key={entry.name}>
                <Entry
                  entry={entry}
                  chosen={path === file ? "chosen" : "other"}
                  onOpen={() => setUrl(entry.kind === "folder" ? { folder: path } : { file: path })}
                />
              </li>
            );
          })}
        </ul>
        {pages.hasNextPage && (
          <button type="button" className="button button-plain" onClick={() => void pages.fetchNextPage()}>
            Show more
          </button>
        )}
      </div>
      <div className="flex min-h-0 min-w-0 flex-col overflow-auto">
        {file ? (
          <Preview key={file} project={project} path={join(root, file)} />
        ) : (
          <p className="p-6 text-ink-3">Choose a file to look inside.</p>
        )}
      </div>
    </div>
  );
}

/** A look at one path, be it a file or a folder. */
export function ArtifactLook({ project, path }: { project: string; path: string }) {
  const inside = usePages(list, { project, query: { path } });
  if (inside.error) return <ErrorState error={inside.error} onRetry={() => void inside.refetch()} />;
  if (inside.isPending) return <Skeleton />;
  // No folder is empty, and nothing lies inside of a file.
  const isFolder = inside.data.pages.some(({ items }) => items.length > 0);
  return isFolder ? (
    <Artifacts key={path} project={project} root={path} />
  ) : (
    <Preview key={path} project={project} path={path} />
  );
}

function Trail({ folder, onGo }: { folder: string; onGo: (path: string) => void }) {
  const parts = folder.split("/").filter(Boolean);
  return (
    <nav aria-label="Folder" className="flex flex-wrap items-center gap-1 px-2 pb-1 text-xs">
      <button type="button" className="link" onClick={() => onGo("")}>
        artifacts
      </button>
      {parts.map((part, index) => (
        <Fragment key={parts.slice(0, index + 1).join("/")}>
          <ChevronRight size={12} className="text-ink-3" aria-hidden />
          <button type="button" className="link" onClick={() => onGo(parts.slice(0, index + 1).join("/"))}>
            {part}
          </button>
        </Fragment>
      ))}
    </nav>
  );
}

function Entry({
  entry,
  chosen,
  onOpen,
}: {
  entry: ArtifactEntry;
  chosen: "chosen" | "other";
  onOpen: () => void;
}) {
  const Icon = entry.kind === "folder" ? Folder : File;
  return (
    <button
      type="button"
      className={`menu-item ${chosen === "chosen" ? "bg-accent-soft" : ""}`}
      aria-current={chosen === "chosen" ? "true" : undefined}
      onClick={onOpen}
    >
      <Icon size={14} className="shrink-0 text-ink-3" aria-hidden />
      <span className="flex-1 truncate">{entry.name}</span>
      {entry.kind === "file" && (
        <span className="text-ink-3 text-xs">
          <Bytes value={entry.sizeBytes} />
        </span>
      )}
    </button>
  );
}

function Preview({ project, path }: { project: string; path: string }) {
  const { data, error, refetch } = useApi(preview, { project, query: { path } });
  const [look, setLook] = useState<"page" | "text">("page");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  const isPage = data.kind === "text" && /\.html?$/i.test(path);
  return (
    <>
      <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2">
        <span className="truncate font-medium">{path.split("/").at(-1)}</span>
        <span className="text-ink-3 text-xs">
          <Bytes value={data.file.sizeBytes} /> · {data.file.mediaType}
        </span>
        <span className="flex items-center gap-1 text-ink-3 text-xs">
          <code title={data.file.digest}>sha256 {data.file.digest.slice(0, 8)}…</code>
          <CopyButton text={data.file.digest} what="digest" />
        </span>
        <span className="ml-auto flex gap-2">
          {isPage && (
            <button
              type="button"
              className="button"
              onClick={() => setLook(look === "page" ? "text" : "page")}
            >
              {look === "page" ? "Show the source" : "Show the page"}
            </button>
          )}
          <a className="button" href={addressOf("/artifacts/content", { project, query: { path } })} download>
            <Download size={14} /> Download
          </a>
        </span>
      </header>
      {data.truncated && data.kind !== "none" && (
        <p className="shrink-0 bg-warn-soft px-4 py-1 text-xs">
          Only the beginning is shown; download the file for the rest.
        </p>
      )}
      {isPage && look === "page" ? (
        <SafePage html={data.text ?? ""} name={path} className="min-h-96 flex-1" />
      ) : (
        <Content data={data} />
      )}
    </>
  );
}

function Content({ data }: { data: Answer<(typeof artifactsApi)["preview"]> }) {
  if (data.kind === "image" && data.dataUrl)
    return (
      <div className="flex justify-center p-4">
        <img src={data.dataUrl} alt={data.file.path} className="max-w-full rounded bg-white" />
      </div>
    );
  if (data.kind === "csv" && data.rows) return <Rows rows={data.rows} />;
  if (data.kind === "none")
    return <EmptyState title="No preview for this kind of file">Download it to look inside.</EmptyState>;
  const text = data.kind === "json" && !data.truncated ? pretty(data.text ?? "") : (data.text ?? "");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <pre className="flex-1 overflow-auto p-4" tabIndex={0}>
      {text}
    </pre>
  );
}

function Rows({ rows }: { rows: readonly (readonly string[])[] }) {
  const [head = [], ...body] = rows;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <div className="overflow-auto" tabIndex={0} role="group" aria-label="Rows">
      <table className="text-xs">
        <thead>
          <tr className="sticky top-0 bg-surface">
            {head.map((cell, at) => (
              <th
                key={at}
                scope="col"
                className="whitespace-nowrap border-line border-b px-3 py-1 text-left font-medium"
              >
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, at) => (
            <tr key={at} className="border-line border-b">
              {row.map((cell, column) => (
                <td key={column} className="max-w-80 truncate whitespace-nowrap px-3 py-1">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function join(...parts: string[]): string {
  return parts.filter(Boolean).join("/");
}
