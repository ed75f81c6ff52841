import { FilePlus2, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { useGo } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { Files } from "./files.tsx";
import { NewNotebook } from "./new-notebook.tsx";
import { addFile, NOTEBOOK_READS } from "./notebooks-api.ts";
import { Runs } from "./runs.tsx";
import { notebooksCode } from "./same-as-code.ts";
import { ServerStrip } from "./server-strip.tsx";
import { Servers } from "./servers.tsx";

/** The project's notebooks, those that ran as jobs, and the Jupyter servers that they are written in. */
export function NotebooksScreen() {
  const project = useProject();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const over = url.over === "new" && can("notebook:write") ? "new" : undefined;
  return (
    <>
      <RoomHeader title="Notebooks">
        {can("notebook:write") && (
          <>
            <UploadButton project={project} />
            <button
              type="button"
              className="button button-primary"
              onClick={() => setUrl({ over: "new" }, "push")}
            >
              <FilePlus2 size={14} /> New notebook
            </button>
          </>
        )}
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      <ServerStrip project={project} />
      <Tabs
        tabs={[
          { id: "files", title: "Files", content: () => <Files project={project} /> },
          { id: "runs", title: "Runs", content: () => <Runs project={project} /> },
          { id: "servers", title: "Servers", content: () => <Servers project={project} /> },
        ]}
      />
      {over && <NewNotebook project={project} onClose={() => setUrl({ over: undefined })} />}
      {code === "shown" && <CodeDialog code={notebooksCode(project)} onClose={() => setCode("hidden")} />}
    </>
  );
}

/** Takes a notebook, or a file that one reads, from the reader's own machine. */
function UploadButton({ project }: { project: string }) {
  const input = useRef<HTMLInputElement>(null);
  const fresh = useFresh(NOTEBOOK_READS);
  const go = useGo();
  const take = async (file: File | undefined) => {
    if (!file) return;
    await fresh(() => addFile(project, file.name, file)).then(
      () => go(paths.notebook(project, file.name)),
      () => undefined,
    );
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        className="hidden"
        aria-label="File to upload"
        onChange={({ target }) => {
          void take(target.files?.[0]);
          // So that the same file can be chosen again after it was refused.
          target.value = "";
        }}
      />
      <button type="button" className="button" onClick={() => input.current?.click()}>
        <Upload size={14} /> <span className="max-sm:sr-only">Upload</span>
      </button>
    </>
  );
}
