import { ArrowDown, ArrowRight } from "lucide-react";
import { type ComponentType, lazy, Suspense, useMemo } from "react";
import type { Room } from "../../lib/room.ts";
import { useRooms } from "../../lib/rooms.ts";
import { useSession } from "../../lib/session.tsx";

type StationComponent = ComponentType<{ project: string }>;
interface Stop {
  room: Room;
  Stop: StationComponent;
}

/** The project's flow from data to what watches the endpoints, and beside it what all of it works with. */
export function Flow({ project }: { project: string }) {
  const { can } = useSession();
  const rooms = useRooms();
  const all = useMemo(() => stopsOf(rooms), [rooms]);
  const open = all.filter(({ room }) => room.needs.length === 0 || room.needs.some(can));
  const beside = open.filter(({ room }) => room.stationPlace === "beside");
  return (
    <div className="flex flex-col gap-5">
      <div
        role="group"
        aria-label="The project's flow"
        className="grid grid-cols-[repeat(auto-fit,minmax(8.25rem,1fr))] gap-x-6 gap-y-4 max-sm:grid-cols-1 max-sm:gap-y-6"
      >
        {open
          .filter(({ room }) => room.stationPlace !== "beside")
          .map((stop, index) => (
            <div key={stop.room.id} className="relative min-w-0">
              {index > 0 && <Arrow />}
              <Place stop={stop} project={project} />
            </div>
          ))}
      </div>
      {beside.length > 0 && (
        <div role="group" aria-label="Worked with" className="grid gap-4 sm:grid-cols-2">
          {beside.map((stop) => (
            <Place key={stop.room.id} stop={stop} project={project} />
          ))}
        </div>
      )}
    </div>
  );
}

function Place({ stop: { Stop }, project }: { stop: Stop; project: string }) {
  return (
    <Suspense fallback={<div className="card min-h-24 flex-1" />}>
      <Stop project={project} />
    </Suspense>
  );
}

/** In the gap before a stop; where the row of stops breaks, it says that the flow goes on. */
function Arrow() {
  return (
    <span className="absolute text-ink-3 max-sm:-top-5 max-sm:left-1/2 sm:top-1/2 sm:-left-5" aria-hidden>
      <ArrowRight size={16} className="-translate-y-1/2 max-sm:hidden" />
      <ArrowDown size={16} className="-translate-x-1/2 sm:hidden" />
    </span>
  );
}

function stopsOf(rooms: readonly Room[]): Stop[] {
  return rooms.flatMap((room) => {
    const load = room.station;
    return load ? [{ room, Stop: lazy(async () => ({ default: await load() })) }] : [];
  });
}
