import { useLocation } from "@tanstack/react-router";
import { ChevronsLeft, ChevronsRight } from "lucide-react";
import { Link } from "../lib/link.tsx";
import type { Room } from "../lib/room.ts";

const GROUPS = ["", "Build", "Ship", "Watch", "Run the place"] as const;

/** The rooms that this person may enter, in four groups. */
export function Sidebar({
  rooms,
  project,
  folded,
  onFold,
  onGo,
}: {
  rooms: readonly Room[];
  project: string;
  folded: "folded" | "open";
  onFold?: () => void;
  onGo?: () => void;
}) {
  const { pathname } = useLocation();
  const narrow = folded === "folded";
  return (
    <nav
      aria-label="Rooms"
      className={`flex h-full shrink-0 flex-col border-line border-r bg-sunken ${narrow ? "w-[52px]" : "w-[220px]"}`}
    >
      <Link
        to="/"
        onClick={onGo}
        className="flex h-11 items-center gap-2 px-4 font-semibold"
        aria-label="Atrium, home"
      >
        <img src="/favicon.svg" alt="" width={20} height={20} />
        {!narrow && "Atrium"}
      </Link>
      <div className="flex-1 overflow-y-auto px-2 pb-2">
        {GROUPS.map((group) => {
          const members = rooms.filter((room) => room.group === group);
          if (members.length === 0) return null;
          return (
            <div key={group} className="mt-2">
              {group && !narrow && <div className="px-2 py-1 text-ink-3 text-xs">{group}</div>}
              {group && narrow && <div className="mx-2 my-1 h-px bg-line" />}
              <ul>
                {members.map((room) => (
                  <Entry
                    key={room.id}
                    room={room}
                    to={roomAddress(room, project)}
                    pathname={pathname}
                    narrow={narrow}
                    onGo={onGo}
                  />
                ))}
              </ul>
            </div>
          );
        })}
      </div>
      {onFold && (
        <button
          type="button"
          className="flex h-9 items-center gap-2 border-line border-t px-4 text-ink-3 hover:text-ink"
          aria-label={narrow ? "Unfold the sidebar" : "Fold the sidebar"}
          onClick={onFold}
        >
          {narrow ? (
            <ChevronsRight size={16} />
          ) : (
            <>
              <ChevronsLeft size={16} />
              <span className="text-xs">Fold</span>
            </>
          )}
        </button>
      )}
    </nav>
  );
}

function Entry({
  room,
  to,
  pathname,
  narrow,
  onGo,
}: {
  room: Room;
  to: string;
  pathname: string;
  narrow: boolean;
  onGo: (() => void) | undefined;
}) {
  const here = isHere(room, to, pathname);
  const Icon = room.icon;
  return (
    <li>
      <Link
        to={to}
        onClick={onGo}
        aria-current={here ? "page" : undefined}
        title={narrow ? room.title : undefined}
        className={`flex h-8 items-center gap-2.5 rounded-md px-2 ${here ? "bg-hover font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink"}`}
      >
        <Icon size={16} className="shrink-0" aria-hidden />
        {narrow ? <span className="sr-only">{room.title}</span> : room.title}
      </Link>
    </li>
  );
}

export function roomAddress(room: Room, project: string): string {
  return room.path.replace("$project", encodeURIComponent(project));
}

/** A room is lit on its own screens and on those below; home only on itself. */
export function isHere(room: Room, to: string, pathname: string): boolean {
  if (room.id === "home") return pathname === to;
  return (
    pathname === to ||
    pathname.startsWith(`${to}/`) ||
    room.screens.some((screen) => matches(screen.path, pathname))
  );
}

function matches(pattern: string, pathname: string): boolean {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith("$") || part === given[at])
  );
}
