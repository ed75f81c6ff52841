import { ScrollText } from "lucide-react";
import { paths } from "../../lib/paths.ts";
import type { Room } from "../../lib/room.ts";

export const telemetryRoom: Room = {
  id: "logs",
  title: "Logs & metrics",
  group: "Watch",
  icon: ScrollText,
  path: "/p/$project/logs",
  key: "l",
  needs: ["telemetry:read"],
  commands: (project) => [
    {
      id: "logs-errors",
      title: "Show errors of the last 24 hours",
      to: `${paths.logs(project)}?q=level%3Derror&span=24h`,
    },
    { id: "logs-live", title: "Follow the logs", to: `${paths.logs(project)}?live=1` },
  ],
  screens: [
    {
      path: "/p/$project/logs",
      load: () => import("./room-screen.tsx").then((module) => module.TelemetryScreen),
    },
  ],
};
