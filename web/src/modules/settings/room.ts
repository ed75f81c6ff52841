import { Settings } from "lucide-react";
import type { Room } from "../../lib/room.ts";

export const settingsRoom: Room = {
  id: "settings",
  title: "Settings",
  group: "Run the place",
  icon: Settings,
  path: "/settings",
  key: "s",
  needs: [],
  screens: [
    { path: "/settings", load: () => import("./settings.tsx").then((module) => module.SettingsScreen) },
  ],
};
