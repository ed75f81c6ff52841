import { ScrollText } from "lucide-react";
import type { Room } from "../../lib/room.ts";

export const telemetryRoom: Room = {
  id: "logs",
  title: "Logs & metrics",
  group: "Watch",
  icon: ScrollText,
  path: "/p/$project/logs",
  key: "l",
  needs: ["telemetry:read"],
  screens: [
    {
      path: "/p/$project/logs",
      load: () => import("./room-screen.tsx").then((module) => module.TelemetryScreen),
    },
  ],
};
