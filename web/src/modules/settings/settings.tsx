import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { useGo } from "../../lib/link.tsx";
import { Menu, MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { type Tab, Tabs } from "../../lib/tabs.tsx";
import { useUrl } from "../../lib/url.ts";
import { Webhooks } from "../registry/webhooks.tsx";
import { About } from "./about.tsx";
import { Limits } from "./limits.tsx";
import { Organisation } from "./organisation.tsx";
import { ProjectSettings } from "./project-settings.tsx";
import { settingsCode } from "./same-as-code.ts";
import { Secrets } from "./secrets.tsx";
import { Sessions } from "./sessions.tsx";
import { You } from "./you.tsx";

/** What can be set: of the project, of the organisation, of the person, and what this server is. */
export function SettingsScreen() {
  const { project, projects, can, canSomewhere } = useSession();
  const [url] = useUrl();
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const ofProject: Tab[] =
    project === ""
      ? []
      : [
          { id: "project", title: "Project", content: () => <ProjectSettings key={project} /> },
          ...(can("project:read")
            ? [{ id: "limits", title: "Limits", content: () => <Limits project={project} /> }]
            : []),
          ...(can("secret:read")
            ? [{ id: "secrets", title: "Secrets", content: () => <Secrets project={project} /> }]
            : []),
          ...(can("model:promote")
            ? [{ id: "webhooks", title: "Webhooks", content: () => <Webhooks project={project} /> }]
            : []),
        ];
  const tabs: Tab[] = [
    ...ofProject,
    ...(canSomewhere("organisation:read") || canSomewhere("project:create")
      ? [{ id: "organisation", title: "Organisation", content: () => <Organisation /> }]
      : []),
    { id: "you", title: "You", content: () => <You /> },
    { id: "sessions", title: "Sessions", content: () => <Sessions /> },
    { id: "about", title: "About", content: () => <About /> },
  ];
  const chosen = tabs.find((tab) => tab.id === url.tab)?.id ?? tabs[0]?.id ?? "";
  const inProject = ofProject.some((tab) => tab.id === chosen);
  return (
    <>
      <RoomHeader title="Settings">
        {inProject && projects.length > 1 && <ProjectMenu tab={chosen} />}
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      <Tabs tabs={tabs} />
      {code === "shown" && (
        <CodeDialog code={settingsCode(chosen, project)} onClose={() => setCode("hidden")} />
      )}
    </>
  );
}

/** Which project the settings are of. */
function ProjectMenu({ tab }: { tab: string }) {
  const { project, projects } = useSession();
  const go = useGo();
  return (
    <Menu
      label="Projects"
      trigger={
        <button type="button" className="button max-w-64">
          <span className="text-ink-3">Project</span>
          <span className="truncate">{projects.find((one) => one.slug === project)?.name ?? project}</span>
        </button>
      }
      items={projects.map((one) => ({
        title: one.name,
        checked: one.slug === project,
        run: () => go(`${paths.projectSettings(one.slug)}?tab=${tab}`),
      }))}
    />
  );
}
