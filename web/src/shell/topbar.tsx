import { useLocation, useParams } from "@tanstack/react-router";
import {
  ChevronsUpDown,
  CircleHelp,
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  Search,
  Sun,
  UserRound,
} from "lucide-react";
import { formatAgo } from "../lib/format.ts";
import { Link, useGo } from "../lib/link.tsx";
import { type LiveState, useLiveState } from "../lib/live.ts";
import { Menu } from "../lib/menu.tsx";
import { paths } from "../lib/paths.ts";
import type { Room } from "../lib/room.ts";
import { useSession } from "../lib/session.tsx";
import { setTheme, type Theme, useTheme } from "../lib/theme.ts";
import { useNow } from "../lib/words.tsx";
import { signOut } from "../modules/identity/session.ts";
import { RunningNow } from "../modules/tracking/running-now.tsx";
import { isHere, roomAddress } from "./sidebar.tsx";

const isMac = navigator.platform.startsWith("Mac");

export function Topbar({
  rooms,
  onPalette,
  onHelp,
  onSheet,
}: {
  rooms: readonly Room[];
  onPalette: () => void;
  onHelp: () => void;
  onSheet: (() => void) | undefined;
}) {
  const session = useSession();
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b bg-canvas px-3">
      {onSheet && (
        <button
          type="button"
          className="button button-plain button-icon"
          aria-label="Rooms"
          onClick={onSheet}
        >
          <MenuIcon size={16} />
        </button>
      )}
      <Breadcrumb rooms={rooms} />
      <button
        type="button"
        className="button ml-auto text-ink-3"
        onClick={onPalette}
        aria-keyshortcuts="Meta+K Control+K"
      >
        <Search size={14} />
        <span className="max-sm:sr-only">Find</span>
        <kbd className="kbd max-sm:hidden" aria-hidden>
          {isMac ? "⌘K" : "Ctrl K"}
        </kbd>
      </button>
      {session.project && session.can("run:read") && <RunningNow project={session.project} />}
      <LiveDot />
      <button
        type="button"
        className="button button-plain button-icon max-sm:hidden"
        aria-label="Keyboard shortcuts"
        onClick={onHelp}
      >
        <CircleHelp size={16} />
      </button>
      <PersonMenu />
    </header>
  );
}

function Breadcrumb({ rooms }: { rooms: readonly Room[] }) {
  const session = useSession();
  const go = useGo();
  const { pathname } = useLocation();
  const { project: inAddress } = useParams({ strict: false }) as { project?: string };
  const project = session.projects.find((one) => one.slug === session.project);
  const organisation = session.organisations.find((one) => one.id === project?.organisationId);
  const room = rooms.find((one) => isHere(one, roomAddress(one, session.project), pathname));
  return (
    <nav aria-label="Where you are" className="flex min-w-0 items-center gap-1 text-ink-2">
      {inAddress !== undefined && project && (
        <>
          <Menu
            label="Projects"
            trigger={
              <button type="button" className="button button-plain min-w-0 px-2">
                {organisation && (
                  <span className="font-normal text-ink-3 max-sm:hidden">{organisation.name} /</span>
                )}
                <span className="sr-only">Project</span>
                <span className="truncate">{project.name}</span>
                <ChevronsUpDown size={12} className="shrink-0 text-ink-3" />
              </button>
            }
            items={session.projects.map((one) => ({
              title: one.name,
              checked: one.slug === project.slug,
              run: () => go(sameRoom(room, one.slug)),
            }))}
          />
          <span aria-hidden className="text-ink-3">
            /
          </span>
        </>
      )}
      {room && (
        <Link to={roomAddress(room, session.project)} className="truncate px-1 font-medium text-ink">
          {room.title}
        </Link>
      )}
    </nav>
  );
}

function sameRoom(room: Room | undefined, project: string): string {
  return room?.path.startsWith("/p/") ? roomAddress(room, project) : paths.home(project);
}

const LIVE_WORDS: Record<LiveState["state"], string> = {
  live: "Live",
  connecting: "Connecting",
  lost: "Offline",
};

/** Says whether what is on screen is live, and since when it is not. */
function LiveDot() {
  const { state, sinceMs } = useLiveState();
  const now = useNow();
  const words =
    state === "lost" ? `Not live since ${formatAgo(sinceMs, now)}; trying again` : LIVE_WORDS[state];
  const colour = state === "live" ? "bg-good" : state === "lost" ? "bg-warn" : "bg-queued";
  return (
    <span role="status" title={words} className="flex items-center gap-1.5 px-1 text-ink-3 text-xs">
      <span className={`size-2 rounded-full ${colour}`} aria-hidden />
      <span className={state === "lost" ? "max-sm:sr-only" : "sr-only"}>{words}</span>
    </span>
  );
}

const THEMES: [Theme, string, typeof Sun][] = [
  ["system", "As the system", Monitor],
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
];

function PersonMenu() {
  const { person } = useSession();
  const theme = useTheme();
  const go = useGo();
  return (
    <Menu
      label="You"
      trigger={
        <button
          type="button"
          className="flex size-7 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent text-xs"
        >
          {initials(person.name) || <UserRound size={14} />}
          <span className="sr-only">{person.name}, your menu</span>
        </button>
      }
      items={[
        {
          title: (
            <span className="block max-w-56 truncate">
              <strong>{person.name}</strong>
              {person.email && (
                <>
                  <br />
                  <span className="text-ink-3">{person.email}</span>
                </>
              )}
            </span>
          ),
          icon: <UserRound size={14} />,
          run: () => go("/settings?tab=you"),
        },
        "line",
        ...THEMES.map(([value, title, Icon]) => ({
          title,
          icon: <Icon size={14} />,
          checked: theme === value,
          run: () => setTheme(value),
        })),
        "line",
        { title: "Sign out", icon: <LogOut size={14} />, run: () => void signOut() },
      ]}
    />
  );
}

function initials(name: string): string {
  return name
    .split(/[\s.@_-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase())
    .join("");
}
