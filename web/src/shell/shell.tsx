import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { ApiError } from "../lib/api.ts";
import { listenToKeys, useShortcuts } from "../lib/keys.ts";
import { useGo } from "../lib/link.tsx";
import { joinLive, joinRules, keepFresh, type Staleness } from "../lib/live.ts";
import { paths } from "../lib/paths.ts";
import { PeekPlace } from "../lib/peek.tsx";
import { useSmallScreen } from "../lib/screen.ts";
import { type Session, SessionContext } from "../lib/session.tsx";
import { ErrorState, Skeleton } from "../lib/states.tsx";
import { useStored } from "../lib/stored.ts";
import { currentTheme, setTheme } from "../lib/theme.ts";
import { useLoadedSession } from "../modules/identity/session.ts";
import { ROOMS } from "../rooms.ts";
import { roomAddress, Sidebar } from "./sidebar.tsx";
import { SidebarSheet } from "./sidebar-sheet.tsx";
import { Topbar } from "./topbar.tsx";

const Palette = lazy(() => import("./palette.tsx").then((module) => ({ default: module.Palette })));
const Help = lazy(() => import("./help.tsx").then((module) => ({ default: module.Help })));

const STALE: Staleness = joinRules([
  { project: ["/projects", "/project/"], organisation: ["/organisations"] },
  ...ROOMS.map((room) => room.stale ?? {}),
]);

/** Everything around a room: who is here, where they are, and the ways to go on. */
export function Shell() {
  const { project } = useParams({ strict: false }) as { project?: string };
  const { session, error, retry } = useLoadedSession(project);
  const go = useGo();
  const signedOut = error instanceof ApiError && error.status === 401;
  useEffect(() => {
    // The address changes before this frame leaves the screen: a second look would find the sign-in page as the place to return to.
    if (signedOut && location.pathname !== paths.signIn())
      go(`${paths.signIn()}?to=${encodeURIComponent(location.pathname + location.search)}`, "replace");
  }, [signedOut, go]);
  if (signedOut) return null;
  if (error) return <ErrorState heading="h1" error={error} onRetry={retry} />;
  if (!session) return <Skeleton />;
  return (
    <SessionContext.Provider value={session}>
      <Frame session={session} />
    </SessionContext.Provider>
  );
}

function Frame({ session }: { session: Session }) {
  const cache = useQueryClient();
  const go = useGo();
  const small = useSmallScreen();
  const [folded, setFolded] = useStored<"folded" | "open">("sidebar", "open");
  const [over, setOver] = useState<"palette" | "help" | "sheet" | undefined>();
  const [peekPlace, setPeekPlace] = useState<HTMLElement | null>(null);
  const rooms = useMemo(
    () =>
      ROOMS.filter(
        (room) =>
          room.needs.length === 0 ||
          room.needs.some(room.path.startsWith("/p/") ? session.can : session.canSomewhere),
      ),
    [session],
  );
  const projects = session.projects;

  useEffect(() => listenToKeys(), []);
  useEffect(() => joinLive(), []);
  useEffect(
    () => keepFresh(cache, STALE, (id) => projects.find((one) => one.id === id)?.slug),
    [cache, projects],
  );
  useShortcuts([
    { keys: "mod+k", does: "Find anything, do anything", run: () => setOver("palette") },
    { keys: "?", does: "Show this list", run: () => setOver("help") },
    { keys: "[", does: "Fold the sidebar", run: () => setFolded(folded === "open" ? "folded" : "open") },
    { keys: "mod+alt+t", does: "Switch between light and dark", run: flipTheme },
    ...rooms.map((room) => ({
      keys: `g ${room.key}`,
      does: `Go to ${room.title.toLowerCase()}`,
      where: "Rooms",
      run: () => go(roomAddress(room, session.project)),
    })),
  ]);
  const close = () => setOver(undefined);

  return (
    <PeekPlace.Provider value={peekPlace}>
      <a href="#main" className="button sr-only left-2 top-2 z-50 focus:not-sr-only focus:absolute">
        Skip to the content
      </a>
      <div className="flex h-dvh overflow-hidden">
        {!small && (
          <Sidebar
            rooms={rooms}
            project={session.project}
            folded={folded}
            onFold={() => setFolded(folded === "open" ? "folded" : "open")}
          />
        )}
        <div className="flex min-w-0 flex-1 flex-col">
          <Topbar
            rooms={rooms}
            onPalette={() => setOver("palette")}
            onHelp={() => setOver("help")}
            onSheet={small ? () => setOver("sheet") : undefined}
          />
          <div className="flex min-h-0 flex-1">
            <main
              id="main"
              tabIndex={-1}
              className="flex min-w-0 flex-1 flex-col overflow-hidden focus:outline-none"
            >
              <Outlet />
            </main>
            <div ref={setPeekPlace} className="h-full shrink-0" />
          </div>
        </div>
      </div>
      {over === "sheet" && <SidebarSheet rooms={rooms} project={session.project} onClose={close} />}
      <Suspense>
        {over === "palette" && <Palette rooms={rooms} onClose={close} />}
        {over === "help" && <Help onClose={close} />}
      </Suspense>
    </PeekPlace.Provider>
  );
}

function flipTheme(): void {
  const dark =
    currentTheme() === "dark" ||
    (currentTheme() === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  setTheme(dark ? "light" : "dark");
}
