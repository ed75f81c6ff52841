import type { NotebookFile } from "@atrium/contract/notebooks";
import { Download, ExternalLink, Play } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { addressOf } from "../../lib/api.ts";
import { CopyAsCode } from "../../lib/code.tsx";
import { Dialog } from "../../lib/dialog.tsx";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { Ago, Bytes } from "../../lib/words.tsx";
import { DocumentView } from "./document.tsx";
import { FileDialogs, type FileOver } from "./file-dialogs.tsx";
import { useDocument, useFile } from "./notebooks-api.ts";
import { RunDialog } from "./run-dialog.tsx";
import { Runs } from "./runs.tsx";
import { notebookCode } from "./same-as-code.ts";
import { Versions } from "./versions.tsx";

const DIGEST_SHOWN = 12;

/** One file: read here, written in JupyterLab, run as a job. */
export function NotebookScreen() {
  const project = useProject();
  const [{ path = "" }] = useUrl();
  const { data: file, error, refetch } = useFile(project, path);
  if (path === "")
    return (
      <EmptyState heading="h1" title="Which notebook?">
        <Link to={paths.notebooks(project)} className="link">
          Choose one from the list.
        </Link>
      </EmptyState>
    );
  if (error && !file) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!file) return <Skeleton rows={10} />;
  return <FilePage project={project} file={file} />;
}

function FilePage({ project, file }: { project: string; file: NotebookFile }) {
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const [over, setOver] = useState<FileOver | "code" | undefined>();
  const asked = Number(url.version);
  const version = Number.isInteger(asked) && asked > 0 && asked < file.version ? asked : undefined;
  const of = { path: file.path, version };
  const runs = file.kind === "notebook";
  const writes = can("notebook:write");
  return (
    <>
      <ObjectHeader
        kind={runs ? "Notebook" : "File"}
        name={file.path}
        id={file.digest}
        idLength={DIGEST_SHOWN}
        facts={<FileFacts file={file} />}
        actions={
          <>
            {runs && writes && (
              <button type="button" className="button" onClick={() => setUrl({ over: "run" }, "push")}>
                <Play size={14} /> Run as a job
              </button>
            )}
            {runs && writes && (
              <a
                className="button button-primary"
                href={paths.openNotebook(project, file.path)}
                target="_blank"
                rel="noreferrer"
              >
                <ExternalLink size={14} /> Open in JupyterLab
              </a>
            )}
            <MoreMenu
              items={[
                { title: "Copy as code", run: () => setOver("code") },
                ...(writes
                  ? ([
                      { title: "Move or rename", run: () => setOver("move") },
                      "line",
                      { title: "Delete", danger: "danger", run: () => setOver("delete") },
                    ] as const)
                  : []),
              ]}
            />
          </>
        }
      />
      {version !== undefined && (
        <p className="mx-4 mb-2 flex flex-wrap items-center gap-3 rounded-md bg-warn-soft px-3 py-1.5">
          This is version {version}; the newest is {file.version}.
          <button type="button" className="button ml-auto" onClick={() => setUrl({ version: undefined })}>
            Show the newest
          </button>
        </p>
      )}
      <Tabs
        tabs={[
          {
            id: "content",
            title: runs ? "Notebook" : "Content",
            content: () =>
              runs ? <ReadOnly project={project} of={of} /> : <OtherFile project={project} of={of} />,
          },
          ...(runs
            ? [
                {
                  id: "runs",
                  title: "Runs",
                  content: () => <Runs project={project} path={file.path} />,
                },
              ]
            : []),
          {
            id: "versions",
            title: "Versions",
            count: file.version,
            content: () => <Versions project={project} path={file.path} />,
          },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="notebook" id={file.path} />,
          },
        ]}
      />
      {url.over === "run" && runs && writes && (
        <RunDialog project={project} of={of} onClose={() => setUrl({ over: undefined })} />
      )}
      {over === "code" && (
        <Dialog title="The same as code" wide="wide" onClose={() => setOver(undefined)}>
          <CopyAsCode code={notebookCode(project, of)} />
        </Dialog>
      )}
      {over !== undefined && over !== "code" && (
        <FileDialogs project={project} file={file} over={over} onClose={() => setOver(undefined)} />
      )}
    </>
  );
}

function FileFacts({ file }: { file: NotebookFile }) {
  return (
    <>
      <span>
        saved <Ago at={file.modifiedMs} /> by {file.modifiedBy}
      </span>
      <span className="nums">version {file.version}</span>
      <Bytes value={file.sizeBytes} />
    </>
  );
}

function ReadOnly({ project, of }: { project: string; of: { path: string; version: number | undefined } }) {
  return <DocumentView read={useDocument(project, of)} />;
}

function OtherFile({ project, of }: { project: string; of: { path: string; version: number | undefined } }) {
  return (
    <EmptyState
      title="A file that notebooks read"
      action={
        <a
          className="button"
          href={addressOf("/notebooks/content", { project, query: of })}
          download={of.path.split("/").at(-1)}
        >
          <Download size={14} /> Download
        </a>
      }
    >
      It lies beside the notebooks; in JupyterLab it opens by its path.
    </EmptyState>
  );
}
