import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useGo } from "../lib/link.tsx";
import { paths } from "../lib/paths.ts";
import type { PaletteCommand, Room } from "../lib/room.ts";
import { useSession } from "../lib/session.tsx";
import { setTheme } from "../lib/theme.ts";
import { signOut } from "../modules/identity/session.ts";
import { roomAddress } from "./sidebar.tsx";

// Short enough to feel immediate, long enough not to ask at each letter.
const SEARCH_AFTER_MS = 120;
const SEARCH_LETTERS_MIN = 2;

/** ⌘K: rooms, projects, verbs, and things found by name in every room. */
export function Palette({ rooms, onClose }: { rooms: readonly Room[]; onClose: () => void }) {
  const session = useSession();
  const go = useGo();
  const element = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const found = useFound(rooms, session.project, text);
  useEffect(() => {
    element.current?.showModal();
    // The browser would focus the first thing that can have it, which here is the list's frame.
    element.current?.querySelector("input")?.focus();
  }, []);
  const choose = (command: PaletteCommand) => {
    onClose();
    if (command.to) go(command.to);
    command.run?.();
  };
  const verbs: PaletteCommand[] = [
    ...rooms.flatMap((room) => (session.project ? (room.commands?.(session.project) ?? []) : [])),
    { id: "theme-light", title: "Use the light theme", run: () => setTheme("light") },
    { id: "theme-dark", title: "Use the dark theme", run: () => setTheme("dark") },
    { id: "theme-system", title: "Use the system's theme", run: () => setTheme("system") },
    {
      id: "copy-address",
      title: "Copy this page's address",
      run: () => void navigator.clipboard.writeText(location.href),
    },
    { id: "sign-out", title: "Sign out", run: () => void signOut() },
  ];
  const groups: [string, PaletteCommand[]][] = [
    ["Found", found],
    [
      "Go to",
      rooms.map((room) => ({
        id: `room-${room.id}`,
        title: room.title,
        hint: `G ${room.key.toUpperCase()}`,
        to: roomAddress(room, session.project),
      })),
    ],
    [
      "Projects",
      session.projects.map((one) => ({
        id: `project-${one.slug}`,
        title: one.name,
        hint: one.slug,
        to: paths.home(one.slug),
      })),
    ],
    ["Do", verbs],
  ];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc is the keyboard's way out and comes with the element.
    <dialog
      ref={element}
      aria-label="Find anything"
      className="menu mx-auto mt-[12vh] w-[min(560px,calc(100vw-24px))] bg-raised p-0"
      onCancel={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <Command label="Find anything" loop>
        <div className="flex items-center gap-2 border-line border-b px-3">
          <Search size={16} className="text-ink-3" aria-hidden />
          <Command.Input
            value={text}
            onValueChange={setText}
            placeholder="A room, a run, a model, a verb…"
            className="h-11 flex-1 bg-transparent outline-none"
          />
        </div>
        <Command.List className="max-h-[50vh] overflow-auto p-1">
          <Command.Empty className="p-4 text-center text-ink-3">Nothing of that name.</Command.Empty>
          {groups.map(
            ([title, commands]) =>
              commands.length > 0 && (
                <Command.Group
                  key={title}
                  heading={title}
                  forceMount={title === "Found"}
                  className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
                >
                  {commands.map((command) => (
                    <Command.Item
                      key={command.id}
                      value={`${command.title} ${command.id}`}
                      className="menu-item"
                      onSelect={() => choose(command)}
                      forceMount={title === "Found"}
                    >
                      <span className="flex-1 truncate">{command.title}</span>
                      {command.hint && <span className="text-ink-3 text-xs">{command.hint}</span>}
                    </Command.Item>
                  ))}
                </Command.Group>
              ),
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}

function useFound(rooms: readonly Room[], project: string, text: string): PaletteCommand[] {
  const [found, setFound] = useState<PaletteCommand[]>([]);
  useEffect(() => {
    setFound([]);
    if (!project || text.trim().length < SEARCH_LETTERS_MIN) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      for (const room of rooms) {
        // A room that cannot answer leaves the others' findings standing.
        room.search?.(project, text.trim(), stop.signal).then(
          (more) => {
            if (!stop.signal.aborted) setFound((now) => [...now, ...more]);
          },
          () => {},
        );
      }
    }, SEARCH_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [rooms, project, text]);
  return found;
}
