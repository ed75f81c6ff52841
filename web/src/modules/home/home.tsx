import { ArrowDown, ArrowRight } from "lucide-react";
import { type ComponentType, Fragment, lazy, Suspense, useMemo } from "react";
import { RoomHeader } from "../../lib/page.tsx";
import type { Room } from "../../lib/room.ts";
import { useRooms } from "../../lib/rooms.ts";
import { useSession } from "../../lib/session.tsx";
import { TokenCommand } from "../access/token-command.tsx";
import { MyRuns, RunningList } from "../tracking/run-lists.tsx";
import { useRunCounts } from "../tracking/runs-api.ts";
import { firstRunCode } from "../tracking/same-as-code.ts";
import { Storage } from "./storage.tsx";

type StationComponent = ComponentType<{ project: string }>;
const stationsOf = (rooms: readonly Room[]) =>
  rooms.flatMap((room) => (room.station ? [{ room, Stop: lazy(() => loadStation(room.station)) }] : []));

/** The place from which all rooms are seen. */
export function HomeScreen() {
  const { project, projects, can } = useSession();
  const current = projects.find((one) => one.slug === project);
  const rooms = useRooms();
  const all = useMemo(() => stationsOf(rooms), [rooms]);
  const stations = all.filter(({ room }) => room.needs.length === 0 || room.needs.some(can));
  return (
    <div className="flex-1 overflow-auto">
      <RoomHeader title={current?.name ?? project} />
      <div className="flex flex-col gap-6 px-4 pb-8">
        <div
          role="group"
          aria-label="The project's flow"
          className="flex items-stretch gap-2 max-md:flex-col"
        >
          {stations.map(({ room, Stop }, index) => (
            <Fragment key={room.id}>
              {index > 0 && (
                <span className="flex items-center justify-center text-ink-3" aria-hidden>
                  <ArrowRight size={16} className="max-md:hidden" />
                  <ArrowDown size={16} className="md:hidden" />
                </span>
              )}
              <Suspense fallback={<div className="card min-h-24 flex-1" />}>
                <Stop project={project} />
              </Suspense>
            </Fragment>
          ))}
        </div>
        {can("run:read") && <FirstSteps project={project} />}
        <div className="grid gap-6 lg:grid-cols-2 lg:items-start">
          <div className="flex min-w-0 flex-col gap-6">
            {can("run:read") && <RunningList project={project} />}
            <Storage project={project} />
          </div>
          {can("run:read") && <MyRuns project={project} />}
        </div>
      </div>
    </div>
  );
}

async function loadStation(
  load: (() => Promise<StationComponent>) | undefined,
): Promise<{ default: StationComponent }> {
  return { default: load ? await load() : () => null };
}

/** Only in a project without a run: the one command that begins everything. */
function FirstSteps({ project }: { project: string }) {
  const { data: counts } = useRunCounts(project);
  if (!counts || counts.newestMs !== undefined) return null;
  return (
    <section className="card flex flex-col gap-2 p-4">
      <h2>Log the first run</h2>
      <p className="text-ink-2">Use the mlflow client that you have; three lines point it here.</p>
      <TokenCommand command={(token) => firstRunCode(project, token)} />
    </section>
  );
}
