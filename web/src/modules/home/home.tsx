import { RoomHeader } from "../../lib/page.tsx";
import { useSession } from "../../lib/session.tsx";
import { TokenCommand } from "../access/token-command.tsx";
import { SampleCard } from "../samples/sample-card.tsx";
import { SampleOffer } from "../samples/sample-offer.tsx";
import { MyRuns } from "../tracking/my-runs.tsx";
import { useRunCounts } from "../tracking/runs-api.ts";
import { firstRunCode } from "../tracking/same-as-code.ts";
import { Flow } from "./flow.tsx";
import { RunningList } from "./running-list.tsx";
import { Storage } from "./storage.tsx";

/** The place from which all rooms are seen. */
export function HomeScreen() {
  const { project, projects, can } = useSession();
  const current = projects.find((one) => one.slug === project);
  return (
    <div className="flex-1 overflow-auto">
      <RoomHeader title={current?.name ?? project} />
      <div className="flex flex-col gap-6 px-4 pb-8">
        <SampleCard project={project} />
        <Flow project={project} />
        {can("run:read") && <FirstSteps project={project} />}
        <div className="grid gap-6 lg:grid-cols-2 lg:items-start">
          <div className="flex min-w-0 flex-col gap-6">
            <RunningList project={project} />
            <Storage project={project} />
          </div>
          {can("run:read") && <MyRuns project={project} />}
        </div>
      </div>
    </div>
  );
}

/** Only in a project without a run: the one command that begins everything, or a project that is there to look at. */
function FirstSteps({ project }: { project: string }) {
  const { data: counts } = useRunCounts(project);
  if (!counts || counts.newestMs !== undefined) return null;
  return (
    <section className="card flex flex-col gap-2 p-4">
      <h2>Log the first run</h2>
      <p className="text-ink-2">Use the mlflow client that you have; three lines point it here.</p>
      <TokenCommand command={(token) => firstRunCode(project, token)} />
      <SampleOffer project={project} />
    </section>
  );
}
