import { Settings } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

const load = () => import("./settings.tsx").then((module) => module.SettingsScreen);

export const settingsRoom: Room = {
  id: "settings",
  title: "Settings",
  group: "Run the place",
  icon: Settings,
  path: "/settings",
  key: "s",
  needs: [],
  screens: [
    { path: "/settings", load },
    { path: "/p/$project/settings", load },
  ],
  stale: { session: ["/sessions"] },
  commands: (project) => [
    { id: "settings-project", title: "Change this project", to: paths.projectSettings(project) },
    { id: "settings-you", title: "Change my name, password or theme", to: "/settings?tab=you" },
    { id: "settings-sessions", title: "Show where I am signed in", to: "/settings?tab=sessions" },
  ],
};
