import { Upload } from "lucide-react";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { useProject, useSession } from "../../lib/session.tsx";
import { EmptyState } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { TokenCommand } from "../access/token-command.tsx";
import { PipelineList } from "./pipeline-list.tsx";
import { PipelineRuns } from "./pipeline-runs.tsx";
import { firstPipelineCode, pipelinesCode } from "./same-as-code.ts";
import { UploadDialog } from "./upload-dialog.tsx";

/** Pipelines of the project and their runs. */
export function PipelinesScreen() {
  const project = useProject();
  const { can } = useSession();
  const [url, setUrl] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const writes = can("pipeline:write");
  return (
    <>
      <RoomHeader title="Pipelines">
        {writes && (
          <button type="button" className="button" onClick={() => setUrl({ over: "upload" })}>
            <Upload size={14} /> Upload
          </button>
        )}
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      <Tabs
        tabs={[
          { id: "pipelines", title: "Pipelines", content: () => <PipelineList project={project} /> },
          {
            id: "runs",
            title: "Runs",
            content: () => (
              <PipelineRuns
                project={project}
                empty={
                  <EmptyState
                    title="No pipeline has run yet"
                    drawing="flow"
                    action={<TokenCommand command={(token) => firstPipelineCode(project, token)} />}
                  >
                    Start one from its page, or with the kfp client that you know:
                  </EmptyState>
                }
              />
            ),
          },
        ]}
      />
      {code === "shown" && <CodeDialog code={pipelinesCode(project)} onClose={() => setCode("hidden")} />}
      {writes && url.over === "upload" && (
        <UploadDialog project={project} onClose={() => setUrl({ over: undefined })} />
      )}
    </>
  );
}
