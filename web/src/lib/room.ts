import type { Permission } from "@atrium/contract/permissions";
import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Staleness } from "./live.ts";

/** A line of the command palette. */
export interface PaletteCommand {
  id: string;
  title: string;
  hint?: string;
  /** An address to go to, or something to do. */
  to?: string;
  run?: () => void;
}

export interface RoomScreen {
  /** `/p/$project/runs/$run`, as the router writes it. */
  path: string;
  load: () => Promise<ComponentType>;
}

/**
 * One room as the shell knows it: a small value that is always loaded. Its screens, and what they need, load when somebody
 * goes there.
 */
export interface Room {
  id: string;
  title: string;
  group: "" | "Build" | "Ship" | "Watch" | "Run the place";
  icon: LucideIcon;
  /** Address of its first screen; `$project` is the current one. */
  path: string;
  /** `r` for `g r`. */
  key: string;
  /** Shown to those who hold one of these in the current project or above; to all when empty. */
  needs: readonly Permission[];
  screens: readonly RoomScreen[];
  /** Which cached reads an event makes stale, by the event's noun. */
  stale?: Staleness;
  /** This room's stop in the flow that home draws; the rooms' order is the flow's order. */
  station?: () => Promise<ComponentType<{ project: string }>>;
  /** Where that stop stands; `beside` the flow is what all of it works with. */
  stationPlace?: "beside";
  /** Extra lines for the palette. */
  commands?: (project: string) => PaletteCommand[];
  /** Finds this room's things by name, for the palette. */
  search?: (project: string, text: string, signal: AbortSignal) => Promise<PaletteCommand[]>;
}
