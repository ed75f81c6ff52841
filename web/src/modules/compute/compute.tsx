import type { JobState } from "@atrium/contract/compute";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { useProject } from "../../lib/session.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { useTarget } from "./compute-api.ts";
import { Environments } from "./environments.tsx";
import { Jobs } from "./jobs.tsx";
import { jobsCode } from "./same-as-code.ts";
import { TargetCard } from "./target-card.tsx";

/** The machine that jobs run on, the jobs, and the environments that they run in. */
export function ComputeScreen() {
  const project = useProject();
  const [url] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const { data: target } = useTarget(project);
  return (
    <>
      <RoomHeader title="Compute">
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      {target ? <TargetCard target={target} /> : <div className="card mx-4 mb-3 h-20 shrink-0" aria-hidden />}
      <Tabs
        tabs={[
          { id: "jobs", title: "Jobs", content: () => <Jobs project={project} /> },
          { id: "environments", title: "Environments", content: () => <Environments project={project} /> },
        ]}
      />
      {code === "shown" && (
        <CodeDialog
          code={jobsCode(project, url.state as JobState | undefined)}
          onClose={() => setCode("hidden")}
        />
      )}
    </>
  );
}
