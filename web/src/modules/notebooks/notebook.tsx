import type { NotebookFile } from "@atrium/contract/notebooks";
import { Download, ExternalLink, Play } from "lucide-react";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { addressOf } from "../../lib/api.ts";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
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

/** A file in one of its versions; the newest when none is named. */
type Of = {
  path: string;
  version: number | undefined;
};

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
  const close = () => setOver(undefined);
  const runs = file.kind === "notebook" && can("notebook:write");
  return (
    <>
      <ObjectHeader
        kind={file.kind === "notebook" ? "Notebook" : "File"}
        name={file.path}
        id={file.digest}
        idLength={DIGEST_SHOWN}
        facts={<FileFacts file={file} />}
        actions={<Actions project={project} file={file} onOver={setOver} />}
      />
      {version !== undefined && (
        <p className="mx-4 mb-2 flex flex-wrap items-center gap-3 rounded-md bg-warn-soft px-3 py-1.5">
          This is version {version}; the newest is {file.version}.
          <button type="button" className="button ml-auto" onClick={() => setUrl({ version: undefined })}>
            Show the newest
          </button>
        </p>
      )}
      <Tabs tabs={tabsOf(project, file, of)} />
      {url.over === "run" && runs && (
        <RunDialog project={project} of={of} onClose={() => setUrl({ over: undefined })} />
      )}
      {over === "code" && <CodeDialog code={notebookCode(project, of)} onClose={close} />}
      {over !== undefined && over !== "code" && (
        <FileDialogs project={project} file={file} over={over} onClose={close} />
      )}
    </>
  );
}

function Actions({
  project,
  file,
  onOver,
}: {
  project: string;
  file: NotebookFile;
  onOver: (over: FileOver | "code") => void;
}) {
  const { can } = useSession();
  const [, setUrl] = useUrl();
  const writes = can("notebook:write");
  const changes = [
    { title: "Move or rename", run: () => onOver("move") },
    "line" as const,
    { title: "Delete", danger: "danger", run: () => onOver("delete") },
  ];
  return (
    <>
      {writes && file.kind === "notebook" && (
        <>
          <button type="button" className="button" onClick={() => setUrl({ over: "run" }, "push")}>
            <Play size={14} /> Run as a job
          </button>
          <a
            className="button button-primary"
            href={paths.openNotebook(project, file.path)}
            target="_blank"
            rel="noreferrer"
          >
            <ExternalLink size={14} /> Open in JupyterLab
          </a>
        </>
      )}
      <MoreMenu items={[{ title: "Copy as code", run: () => onOver("code") }, ...(writes ? changes : [])]} />
    </>
  );
}

/** What is no notebook has no cells, and does not run. */
function tabsOf(project: string, file: NotebookFile, of: Of): Tab[] {
  const { path, kind, version } = file;
  const around: Tab[] = [
    {
      id: "versions",
      title: "Versions",
      count: version,
      content: () => <Versions project={project} path={path} />,
    },
    {
      id: "activity",
      title: "Activity",
      content: () => <Activity project={project} type="notebook" id={path} />,
    },
  ];
  if (kind !== "notebook")
    return [
      { id: "content", title: "Content", content: () => <OtherFile project={project} of={of} /> },
      ...around,
    ];
  return [
    { id: "content", title: "Notebook", content: () => <ReadOnly project={project} of={of} /> },
    { id: "runs", title: "Runs", content: () => <Runs project={project} path={path} /> },
    ...around,
  ];
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

function ReadOnly({ project, of }: { project: string; of: Of }) {
  return <DocumentView read={useDocument(project, of)} />;
}

function OtherFile({ project, of }: { project: string; of: Of }) {
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
